"""The period and the lanes of a timeline, both kept in the URL."""

import streamlit as st

from vpo_monitor.analysis.charts.timeline import Lanes
from vpo_monitor.views.url_values import url_choice

_PERIODS = {"1h": "1 h", "6h": "6 h", "24h": "24 h", "7d": "7 d", "30d": "30 d"}
"""Labels as short as a phone needs them."""
_LANES = {Lanes.TYPE.value: "Job type", Lanes.SLOT.value: "Worker slot"}


def timeline_choice() -> tuple[str, Lanes]:
    """Draw both controls and return their values; the URL takes precedence."""
    with st.container(key="timeline-choices", horizontal=True):
        since = url_choice("Period", "since", _PERIODS, key="timeline-since", default="24h")
        by = url_choice("Lanes", "by", _LANES, key="timeline-by", default=Lanes.TYPE.value)
    return since, Lanes(by)
