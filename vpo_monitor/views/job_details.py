"""One job: what it is, how far it is, and how long it took."""

from datetime import datetime

import streamlit as st

from vpo_monitor.api.models import JobDetail
from vpo_monitor.insight import progress
from vpo_monitor.insight.estimates import estimate_text
from vpo_monitor.insight.estimates.problem_text import problem_text
from vpo_monitor.insight.estimates.running_job import RunningJob
from vpo_monitor.insight.formatting import NO_FILE, display_name, truncate
from vpo_monitor.insight.frames import progress_label, status_label
from vpo_monitor.insight.number_format import count
from vpo_monitor.plain_text import plain
from vpo_monitor.views.cards import Card, cards
from vpo_monitor.views.description_list import description_list
from vpo_monitor.views.local_time import local, viewer_zone

_LONGEST_CAUSE = 500
_LONG_ERROR, _MANY_LINES = 4000, 40
"""Characters and lines of an error that has room on the page; a longer one scrolls in its place."""
_ERROR_HEIGHT = 400
"""Pixels."""


def job_details(
    job: JobDetail,
    running: RunningJob | None,
    as_of: datetime,
    seen_at: datetime,
    age: float | None,
) -> None:
    """Draw all that was known of a job at `as_of` (UTC, the server's clock), `age` seconds ago.

    `seen_at` is the same moment by our clock; with no `age` it is too long ago to count on.
    `running` is what is thought of a running job. The server's text is never interpreted.
    """
    with st.container(key="job-facts"):
        _facts(job, running, as_of, seen_at, age)
    with st.container(key="job-error"):
        if message := plain(job.error_message or "").strip():
            _error(message)


def _error(message: str) -> None:
    """Draw VPO's message, which begins with the cause; what the failed program printed follows."""
    st.subheader("Error", anchor=False)
    cause = truncate(message.split("\n", 1)[0], _LONGEST_CAUSE)
    st.text(cause)
    if cause != message:
        is_long = len(message) > _LONG_ERROR or message.count("\n") > _MANY_LINES
        st.code(
            message,
            language=None,
            wrap_lines=True,
            height=_ERROR_HEIGHT if is_long else "content",
        )


def _facts(
    job: JobDetail,
    running: RunningJob | None,
    as_of: datetime,
    seen_at: datetime,
    age: float | None,
) -> None:
    with st.container(key="job-file"):
        st.text(display_name(job.file_path, NO_FILE))
    is_waiting = job.status == "queued"
    counted = progress.counted(job.summary_raw)
    shown = [
        Card("Status", status_label(job.status)),
        Card(
            "Progress",
            progress_label(job),
            note="" if counted is None else " of ".join(map(count, counted)),
        ),
        Card("Wait in queue", time=progress.queue_wait(job, as_of), is_running=is_waiting),
        Card(
            "Run time",
            time=progress.run_time(job, as_of),
            is_running=not is_waiting and not job.is_terminal,
        ),
    ]
    if running is not None:
        shown += _outlook(running, seen_at)
    cards(shown, age)
    with st.container(key="job-progress"):  # of one height, so that what follows stays in place
        percent = progress.percent(job)
        if percent is not None:
            st.progress(percent / 100)
    with st.container(key="job-suspicion"):
        if running is not None and running.problem is not None:
            st.warning(problem_text(running.problem), icon=":material/help:")
    description_list(
        {
            "Path": job.file_path,
            "Type": job.job_type,
            "Policy": job.policy_name,
            "Priority": None if job.priority is None else f"{job.priority} (lower runs first)",
            "Created": local(job.created_at),
            "Started": local(job.started_at) or "–",
            "Ended": local(job.completed_at) or "–",
            "Estimate": None if running is None else estimate_text.basis_text(running),
            "Output": job.output_path,
            "Summary": job.summary,
            "Job id": job.id,
        },
        key="job-all-facts",
    )


def _outlook(running: RunningJob, seen_at: datetime) -> list[Card]:
    """What is left of the job, and when it will be done."""
    remaining, at = running.remaining, viewer_zone()
    if remaining is None:
        return [Card("Left", "–"), Card("Done", "–")]
    return [
        Card(
            "Left",
            estimate_text.remaining_text(remaining),
            note=estimate_text.remaining_range(remaining),
        ),
        Card(
            "Done",
            estimate_text.eta_text(remaining, seen_at, at),
            note=estimate_text.eta_range(remaining, seen_at, at),
        ),
    ]
