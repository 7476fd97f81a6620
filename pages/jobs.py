"""The job list, filtered, sorted and paged by the server."""

import streamlit as st

from vpo_monitor.api.models import JobPage
from vpo_monitor.insight.known_jobs import known_page
from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling.snapshot import Snapshot
from vpo_monitor.views.counts import queue_line
from vpo_monitor.views.filters import job_filters, pager
from vpo_monitor.views.jobs_download import jobs_download
from vpo_monitor.views.jobs_table import OPENED, jobs_table, jobs_table_input
from vpo_monitor.views.live import live
from vpo_monitor.views.local_time import clock_time
from vpo_monitor.views.missing import missing
from vpo_monitor.views.shell import open_page

shell = open_page("Jobs")
view = job_filters()
st.session_state.setdefault(OPENED, st.query_params.get("selected"))


def draw(reader: Reader) -> None:
    """Draw one page of the list, or what other views know of it until VPO has answered."""
    queue_line(reader.health)
    snapshot = reader.read(view.query())
    page = snapshot.data
    if page is None:
        draw_known(reader, snapshot)
        return
    jobs_table(page.rows, reader.as_of(snapshot.fetched_at))
    if page.skipped:
        st.caption(f"{page.skipped} jobs in VPO's answer could not be read and are left out.")
    pager(view, page.total)
    jobs_download(reader, view, page.total, shell.server)


def draw_known(reader: Reader, snapshot: Snapshot[JobPage]) -> None:
    """Draw the jobs that earlier answers tell of, with the age of the oldest of those."""
    known = known_page(reader.known_jobs().values(), view, reader.as_of(None))
    oldest = min((one.fetched_at for one in known), default=None)
    jobs_table([one.job for one in known], reader.as_of(oldest))
    missing("The list", snapshot)
    if oldest is not None:
        st.caption(
            "Shown meanwhile is what other views know of it, some of it from "
            f"{clock_time(reader.seen_at(oldest))}; there may be more jobs."
        )
    pager(view, None)
    jobs_download(reader, view, None, shell.server)


jobs_table_input()
live(shell, draw)
