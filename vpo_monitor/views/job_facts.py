"""One job: what it is, how far it is, and how long it took."""

from datetime import UTC, datetime

import streamlit as st

from vpo_monitor.api.models import JobDetail
from vpo_monitor.insight import progress
from vpo_monitor.insight.frames import progress_label, status_label
from vpo_monitor.insight.wording import file_name
from vpo_monitor.insight.zones import zone
from vpo_monitor.plain_text import plain
from vpo_monitor.views.cards import Card, cards
from vpo_monitor.views.facts import facts
from vpo_monitor.views.jobs_table import zone_name


def job_facts(job: JobDetail, as_of: datetime, age: float | None) -> None:
    """Draw all that was known of a job at `as_of` (UTC), `age` seconds ago; None for too long ago.

    Its text is never interpreted.
    """
    with st.container(key="job-facts"):
        _facts(job, as_of, age)
    with st.container(key="job-error"):
        if job.error_message:
            _error(plain(job.error_message).strip())


def _error(message: str) -> None:
    """Draw VPO's message, which begins with the cause; what the failed program printed follows."""
    st.subheader("Error", anchor=False)
    st.text(message.split("\n", 1)[0])
    if "\n" in message:
        st.code(message, language=None, wrap_lines=True)


def _facts(job: JobDetail, as_of: datetime, age: float | None) -> None:
    with st.container(key="job-file"):
        st.text(plain(file_name(job.file_path)))
    is_waiting = job.status == "queued"
    cards(
        (
            Card("Status", status_label(job.status)),
            Card("Progress", progress_label(job)),
            Card("Wait in queue", time=progress.queue_wait(job, as_of), is_running=is_waiting),
            Card(
                "Run time",
                time=progress.run_time(job, as_of),
                is_running=not is_waiting and not job.is_terminal,
            ),
        ),
        age,
    )
    percent = progress.percent(job)
    if percent is not None:
        st.progress(percent / 100)
    facts(
        {
            "Path": job.file_path,
            "Type": job.job_type,
            "Policy": job.policy_name,
            "Priority": None if job.priority is None else f"{job.priority} (lower runs first)",
            "Created": _local(job.created_at),
            "Started": _local(job.started_at) or "–",
            "Ended": _local(job.completed_at) or "–",
            "Output": job.output_path,
            "Summary": job.summary,
            "Job id": job.id,
        },
        key="job-all-facts",
    )


def clock_time(moment: datetime) -> str:
    """The time of day at the viewer's place."""
    return f"{moment.astimezone(zone(zone_name())):%H:%M:%S}"


def _local(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    at = zone(zone_name())
    name = zone_name() if at is not UTC else "UTC"
    return f"{moment.astimezone(at):%Y-%m-%d %H:%M:%S} ({name})"
