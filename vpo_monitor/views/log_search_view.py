"""How far the search of a log has come."""

import streamlit as st

from vpo_monitor.insight.logs.log_reading import LogReading
from vpo_monitor.insight.numerals import count
from vpo_monitor.polling.log_search import LogSearch


def search_view(reading: LogReading, search: LogSearch) -> None:
    """Draw what was found so far, and the way to stop."""
    searched = search.end - search.searched_from
    found = len(search.matches)
    what = f"{count(found)} matching line{'' if found == 1 else 's'}"
    where = f"in the newest {count(searched)} of {count(search.end)} lines"
    with st.container(key="log-search", horizontal=True, vertical_alignment="center", gap="small"):
        if search.ended_early:
            st.text(f"{what}. The search has ended: {search.ended_early}.")
        elif search.is_done:
            st.text(f"{what} in all {count(search.end)} lines.")
        elif reading.is_stopped:
            st.text(f"{what} {where}. You stopped here.")
        else:
            st.progress(
                searched / max(1, search.end),
                text=f"{what} · searched the newest {count(searched)} of {count(search.end)} lines",
                width="stretch",
            )
            st.button("Stop", key="log-search-stop", on_click=reading.stop_search)
