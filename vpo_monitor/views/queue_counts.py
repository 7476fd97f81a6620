"""The queue's counts from the server's health, as one line."""

import streamlit as st

from vpo_monitor.analysis.number_format import count
from vpo_monitor.api.models import Health
from vpo_monitor.polling.snapshot import Snapshot


def queue_counts(health: Snapshot[Health]) -> None:
    """Draw the numbers of running, queued and failed jobs and of workers; a dash if unknown."""
    data = health.data
    counts = {
        "Running": data.jobs_running if data else None,
        "Queued": data.jobs_queued if data else None,
        "Failed in 24 h": data.recent_errors if data else None,
        "Workers": data.active_workers if data else None,
    }
    with st.container(key="queue-counts"):
        st.caption(" · ".join(f"{label}: {count(value)}" for label, value in counts.items()))
