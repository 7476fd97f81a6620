"""The time and the lanes of a timeline, both kept in the URL."""

from datetime import datetime

import streamlit as st

from vpo_monitor.analysis.charts.time_range import FROM, TO, InvalidRange, TimeRange, read_range
from vpo_monitor.analysis.charts.timeline import Lanes
from vpo_monitor.views.local_time import viewer_zone
from vpo_monitor.views.url_values import url_choice

_PERIODS = {"1h": "1 h", "6h": "6 h", "24h": "24 h", "7d": "7 d", "30d": "30 d"}
"""Labels as short as a phone needs them."""
_LANES = {Lanes.TYPE.value: "Job type", Lanes.SLOT.value: "Worker slot"}
_RANGE = "range"


def timeline_choice(now: datetime) -> tuple[str | TimeRange, Lanes]:
    """Draw both controls and return their values; the URL takes precedence.

    The time is a period, or a range that the URL holds before `now` (UTC): it is shown as a further
    period, and choosing another one leads back.
    """
    chosen = _range_in_url(now)
    periods = _PERIODS if chosen is None else {**_PERIODS, _RANGE: chosen.label(viewer_zone())}
    with st.container(key="timeline-choices", horizontal=True):
        period = url_choice(
            "Period",
            "since",
            periods,
            key="timeline-since",
            default="24h",
            override=None if chosen is None else _RANGE,
            replaces=(FROM, TO),
        )
        by = url_choice("Lanes", "by", _LANES, key="timeline-by", default=Lanes.TYPE.value)
    return chosen or period, Lanes(by)


def _range_in_url(now: datetime) -> TimeRange | None:
    """Return the range, or say why there is none although the URL should hold one."""
    try:
        return read_range(st.query_params, now)
    except InvalidRange as reason:
        with st.container(border=True):
            st.text("\n".join(("The time range in the URL is invalid.", str(reason))))
        return None
