"""What a timeline shows: the time and its lanes; the page's address holds both."""

from collections.abc import Mapping

import streamlit as st

from vpo_monitor.insight.charts.timeline import Lanes
from vpo_monitor.insight.charts.timeline_words import PERIODS

_LANES = {Lanes.TYPE.value: "Job type", Lanes.SLOT.value: "Worker slot"}


def timeline_choice() -> tuple[str, Lanes]:
    """Draw the two choices and return the period and the lanes; a link or Back goes before them."""
    with st.container(key="timeline-choices", horizontal=True):
        since = _choice("Time", "since", PERIODS)
        by = _choice("Lanes", "by", _LANES)
    return since, Lanes(by)


def _choice(label: str, parameter: str, options: Mapping[str, str]) -> str:
    default = next(iter(options))
    key, kept = f"timeline-{parameter}", f"timeline-asked-{parameter}"
    asked = st.query_params.get(parameter, default)
    wanted = asked if asked in options else default
    if key not in st.session_state or st.session_state.get(kept) != asked:
        st.session_state[key] = wanted
    chosen = st.segmented_control(
        label, list(options), format_func=options.__getitem__, required=True, key=key
    )
    chosen = str(chosen or wanted)
    if chosen != wanted:
        st.query_params[parameter] = asked = chosen
    st.session_state[kept] = asked
    return chosen
