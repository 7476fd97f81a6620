"""The queue in numbers, from the server's health."""

import streamlit as st

from vpo_monitor.api.models import Health
from vpo_monitor.insight.numerals import count
from vpo_monitor.polling.snapshot import Snapshot


def queue_counts(health: Snapshot[Health]) -> None:
    """Draw how many jobs run, wait and failed; a dash where that is not known."""
    with st.container(key="counts", horizontal=True):
        for label, value in _counts(health.data).items():
            st.metric(label, count(value), border=True, width=150)


def queue_line(health: Snapshot[Health]) -> None:
    """Draw the same counts in one line, for a page about something else."""
    with st.container(key="counts"):
        counts = _counts(health.data)
        st.caption(" · ".join(f"{what}: {count(value)}" for what, value in counts.items()))


def _counts(health: Health | None) -> dict[str, int | None]:
    return {
        "Running": health.jobs_running if health else None,
        "Queued": health.jobs_queued if health else None,
        "Failed in 24 h": health.recent_errors if health else None,
        "Workers": health.active_workers if health else None,
    }
