"""The server's uptime: a strip for each period, with percentages."""

from datetime import timedelta

import streamlit as st

from vpo_monitor.analysis.charts.uptime import Uptime, uptimes
from vpo_monitor.analysis.formatting import duration
from vpo_monitor.analysis.number_format import percent
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Reachability
from vpo_monitor.views.frontend import component
from vpo_monitor.views.local_time import minute, zone_name

_LABELS = {
    Reachability.REACHED: "Reached",
    Reachability.DATABASE_LOCKED: "Database locked",
    Reachability.UNREACHABLE: "Unreachable",
}
_SMALLEST = 0.1
"""Percent; shares that one decimal can't tell from none or all are said to be less or more."""

_strips = component("uptime", isolate_styles=False)


def uptime_strips(tracker: JobTracker) -> None:
    """Draw when the server was reached, locked, unreachable, or not monitored."""
    st.subheader("Uptime", anchor=False)
    strips = [
        {"label": f"Last {name}", "text": uptime_text(one), "segments": _segments(one)}
        for name, one in uptimes(tracker).items()
    ]
    legend = [{"state": state.value, "label": label} for state, label in _LABELS.items()]
    legend.append({"state": "unknown", "label": "Not monitored"})
    _strips(key="uptime", data={"strips": strips, "legend": legend})
    st.caption(
        f"Times are {zone_name()}. A part in which VPO was ever unreachable is marked as such; "
        "the percentages are exact."
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


def _segments(uptime: Uptime) -> list[dict[str, object]]:
    length = uptime.until - uptime.since
    return [
        {
            "state": one.state.value,
            "begin": round(100 * ((one.begin - uptime.since) / length), 3),
            "width": round(100 * ((one.end - one.begin) / length), 3),
            "hint": f"{_LABELS[one.state]}: {minute(one.begin)} to {minute(one.end)}",
        }
        for one in uptime.segments
    ]
