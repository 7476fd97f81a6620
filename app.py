"""The overview: what runs, what waits, what failed."""

import streamlit as st

from vpo_monitor.polling import queries
from vpo_monitor.views.counts import queue_counts
from vpo_monitor.views.jobs_table import jobs_table
from vpo_monitor.views.live import Reader, live
from vpo_monitor.views.shell import open_page

_FAILURES_MAX_AGE = 30.0

shell = open_page("Overview")


def draw(reader: Reader) -> None:
    """Draw the counts, the running jobs and the latest failures."""
    queue_counts(reader.peek(queries.health()))
    running = reader.read(queries.jobs(status="running", limit=50))
    failed = reader.read(queries.jobs(status="failed", limit=10), _FAILURES_MAX_AGE)
    st.subheader("Running now", anchor=False)
    jobs_table(running.data.rows if running.data else (), key="running-table")
    st.subheader("Latest failures", anchor=False)
    jobs_table(failed.data.rows if failed.data else (), key="failed-table")


live(shell, draw)
