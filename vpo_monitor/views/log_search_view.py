"""How far the search of a log has come."""

import streamlit as st

from vpo_monitor.insight.log_reading import LogReading
from vpo_monitor.polling.log_search import LogSearch


def search_view(reading: LogReading, search: LogSearch) -> None:
    """Draw what was found so far, and the way to stop."""
    searched = search.end - search.searched_from
    found = len(search.matches)
    what = f"{found:,} matching line{'' if found == 1 else 's'}"
    with st.container(key="log-search", horizontal=True, vertical_alignment="center", gap="small"):
        if search.is_full:
            st.text(
                f"{what} in the newest {searched:,} of {search.end:,} lines. "
                "The search ended here: these are as many as can be shown."
            )
        elif search.is_done:
            st.text(f"{what} in all {search.end:,} lines.")
        elif reading.is_stopped:
            st.text(f"{what} in the newest {searched:,} of {search.end:,} lines. You stopped here.")
        else:
            st.progress(
                searched / max(1, search.end),
                text=f"{what} · searched the newest {searched:,} of {search.end:,} lines",
                width="stretch",
            )
            st.button("Stop", key="log-search-stop", on_click=reading.stop_search)
