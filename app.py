"""The overview: what runs, what waits, what failed."""

import streamlit as st

from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling import queries
from vpo_monitor.views.counts import queue_counts
from vpo_monitor.views.jobs_table import jobs_table
from vpo_monitor.views.live import live
from vpo_monitor.views.shell import open_page

_FAILURES_MAX_AGE = 30.0

shell = open_page("Overview")


def draw(reader: Reader) -> None:
    """Draw the counts, the running jobs and the latest failures."""
    queue_counts(reader.health)
    running = reader.read(queries.jobs(status="running", limit=50))
    failed = reader.read(queries.jobs(status="failed", limit=10), _FAILURES_MAX_AGE)
    for title, snapshot, key, nothing in (
        ("Running now", running, "running-table", "Nothing is running."),
        ("Latest failures", failed, "failed-table", "No job has failed."),
    ):
        st.subheader(title, anchor=False)
        rows = snapshot.data.rows if snapshot.data else ()
        jobs_table(rows, reader.as_of(snapshot.fetched_at), key=key)
        if snapshot.data is not None and not snapshot.data.rows:
            st.caption(nothing)


live(shell, draw)
