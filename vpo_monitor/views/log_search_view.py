"""The progress of a log search."""

import streamlit as st

from vpo_monitor.insight.logs.log_position import LogPosition
from vpo_monitor.insight.number_format import count
from vpo_monitor.polling.log_search import LogSearch


def search_view(reading: LogPosition, search: LogSearch) -> None:
    """Draw the matches found so far, and a button to stop."""
    searched = search.end - search.searched_from
    found = len(search.matches)
    what = f"{count(found)} match{'' if found == 1 else 'es'}"
    where = f"in the newest {count(searched)} of {count(search.end)} lines"
    with st.container(key="log-search", horizontal=True, vertical_alignment="center", gap="small"):
        if search.ended_early:
            st.text(f"{what}. Search stopped early: {search.ended_early}.")
        elif search.is_done:
            st.text(f"{what} in {count(search.end)} lines")
        elif reading.is_stopped:
            st.text(f"{what} {where} · search stopped")
        else:
            st.progress(
                searched / max(1, search.end),
                text=f"{what} {where} · searching …",
                width="stretch",
            )
            st.button("Stop", key="log-search-stop", on_click=reading.stop_search)
