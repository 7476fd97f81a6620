"""The server's uptime: a strip for each period, with percentages."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.uptime import Uptime, uptimes
from vpo_monitor.analysis.formatting import duration
from vpo_monitor.analysis.number_format import percent
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Reachability
from vpo_monitor.views.charts import (
    BLUE,
    FAILURE,
    ORANGE,
    Spec,
    draw_chart,
    time_axis,
    tooltip,
    vega_time,
)
from vpo_monitor.views.local_time import minute, zone_name

_LABELS = {
    Reachability.REACHED: "Reached",
    Reachability.DATABASE_LOCKED: "Database locked",
    Reachability.UNREACHABLE: "Unreachable",
}
_COLORS = {
    Reachability.REACHED: BLUE,
    Reachability.DATABASE_LOCKED: ORANGE,
    Reachability.UNREACHABLE: FAILURE,
}
_HEIGHT, _LEGEND_HEIGHT = 72, 44
"""Pixels: a strip with its axis, and the legend above the first one."""
_SMALLEST = 0.1
"""Percent; shares that one decimal can't tell from none or all are said to be less or more."""


def uptime_strips(tracker: JobTracker) -> None:
    """Draw when the server was reached, locked, unreachable, or not monitored."""
    st.subheader("Uptime", anchor=False)
    for place, (name, one) in enumerate(uptimes(tracker).items()):
        text = f"Last {name}: {uptime_text(one)}"
        st.text(text)
        chart = _strip(one, has_legend=not place)
        draw_chart(chart, {"parts": _parts(one)}, key=f"uptime-{place}", description=text)
    st.caption(
        f"Times are {zone_name()}. Gray: not monitored. A part in which VPO was ever unreachable "
        "is marked as such; the percentages are exact."
    )


def uptime_text(uptime: Uptime) -> str:
    """Describe the shares of the monitored time."""
    monitored = uptime.monitored
    if not monitored:
        return "Not monitored"
    shares = ", ".join(
        f"{label} {_share(uptime.lasted[state], monitored)}"
        for state, label in _LABELS.items()
        if state in uptime.lasted
    )
    return f"{shares} of {duration(monitored)} monitored"


def _share(part: timedelta, whole: timedelta) -> str:
    share = 100 * (part / whole)
    if 0 < share < _SMALLEST:
        return f"less than {percent(_SMALLEST, 1)}"
    if 100 - _SMALLEST < share < 100:  # noqa: PLR2004 - all
        return f"more than {percent(100 - _SMALLEST, 1)}"
    return percent(share, 1)


def _strip(uptime: Uptime, *, has_legend: bool) -> Spec:
    color = {
        "field": "state",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(_LABELS.values()), "range": [_COLORS[one] for one in _LABELS]},
        "legend": {"orient": "top", "direction": "horizontal"} if has_legend else None,
    }
    return {
        "height": _HEIGHT + (_LEGEND_HEIGHT if has_legend else 0),
        "data": {"name": "parts"},
        "view": {"fill": "gray", "fillOpacity": 0.2},
        "mark": {"type": "rect", "clip": True, "strokeWidth": 1.5},
        "encoding": {
            "x": {**time_axis("begin", uptime.since, uptime.until), "title": None},
            "x2": {"field": "end"},
            "fill": color,
            "stroke": color,  # keeps the shortest part visible
            "tooltip": tooltip(state="State", begins="From", ends="To"),
        },
    }


def _parts(uptime: Uptime) -> pd.DataFrame:
    """Return the parts of a strip, the unreachable ones last: drawn above those beside them."""
    rows = [
        (
            vega_time(one.begin),
            vega_time(one.end),
            _LABELS[one.state],
            minute(one.begin),
            minute(one.end),
        )
        for one in sorted(uptime.segments, key=lambda one: one.state is Reachability.UNREACHABLE)
    ]
    return pd.DataFrame(rows, columns=["begin", "end", "state", "begins", "ends"])
