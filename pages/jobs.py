"""The job list, filtered, sorted and paged by the server."""

import streamlit as st

from vpo_monitor.insight.reader import Reader
from vpo_monitor.views.filters import job_filters, pager
from vpo_monitor.views.jobs_table import OPENED, jobs_table
from vpo_monitor.views.live import live
from vpo_monitor.views.missing import missing
from vpo_monitor.views.shell import open_page

shell = open_page("Jobs")
view = job_filters()
st.session_state.setdefault(OPENED, st.query_params.get("selected"))


def draw(reader: Reader) -> None:
    """Draw one page of the list."""
    snapshot = reader.read(view.query())
    page = snapshot.data
    jobs_table(page.rows if page else (), reader.as_of(snapshot))
    if page is None:
        missing("The list", snapshot)
        return
    if page.skipped:
        st.caption(f"{page.skipped} jobs in VPO's answer could not be read and are left out.")
    pager(view, page.total)


live(shell, draw)
