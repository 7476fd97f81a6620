"""The details of one job: status, progress, times, error and properties."""

from datetime import datetime

import streamlit as st

from vpo_monitor.analysis import progress
from vpo_monitor.analysis.estimates import estimate_text
from vpo_monitor.analysis.estimates.problems import problem_text
from vpo_monitor.analysis.estimates.running_job import RunningJob
from vpo_monitor.analysis.formatting import NO_FILE, display_name, is_credible, truncate
from vpo_monitor.analysis.frames import progress_label, status_label
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.queue_forecast import QueueForecast
from vpo_monitor.api.models import JobDetail
from vpo_monitor.plain_text import plain
from vpo_monitor.views.cards import Card, cards, facts
from vpo_monitor.views.local_time import local, viewer_zone
from vpo_monitor.views.queue_cards import queue_cards

_LONGEST_CAUSE = 500
_LONG_ERROR, _MANY_LINES = 4000, 40
"""Characters and lines of an error that is shown in full; a longer one scrolls."""
_ERROR_HEIGHT = 400
"""Pixels."""


def job_details(
    job: JobDetail,
    running: RunningJob | None,
    as_of: datetime,
    now: datetime,
    seen_at: datetime,
    age: float | None,
    queue: QueueForecast | None = None,
) -> None:
    """Draw a job as it was at `as_of` (UTC, server clock), `age` seconds before `now`.

    `seen_at` is the same moment as `as_of` on this app's clock. If `age` is None, the data is too
    old to keep counting. `running` holds the estimates of a running job, and `queue` those of the
    queue if the job is in it. Text from the server stays plain text.
    """
    with st.container(key="job-file"):
        st.text(display_name(job.file_path, NO_FILE))
    with st.container(key="job-error"):
        if message := plain(job.error_message or "").strip():
            _error(message)
    with st.container(key="job-facts"):
        _details(job, running, as_of, now, seen_at, age, queue)


def _error(message: str) -> None:
    """Draw VPO's error message: the cause comes first, then the failed program's output."""
    cause = truncate(message.split("\n", 1)[0], _LONGEST_CAUSE)
    with st.container(key="job-cause"):
        st.text(cause)
    if cause != message:
        is_long = len(message) > _LONG_ERROR or message.count("\n") > _MANY_LINES
        st.code(
            message,
            language=None,
            wrap_lines=True,
            height=_ERROR_HEIGHT if is_long else "content",
        )


def _details(
    job: JobDetail,
    running: RunningJob | None,
    as_of: datetime,
    now: datetime,
    seen_at: datetime,
    age: float | None,
    queue: QueueForecast | None,
) -> None:
    is_waiting = job.status == "queued"
    counted = progress.counted(job.summary_raw)
    queue_time = Card("Queue time", time=progress.queue_wait(job, as_of), is_running=is_waiting)
    job_cards = [
        Card("Status", status_label(job.status), is_alarm=job.status == "failed"),
        Card(
            "Progress",
            progress_label(job),
            note="" if counted is None else " of ".join(map(count, counted)),
        ),
        queue_time,
        Card(
            "Run time",
            time=progress.run_time(job, as_of),
            is_running=not is_waiting and not job.is_terminal,
        ),
    ]
    if queue is not None:
        job_cards = [job_cards[0], queue_time, *queue_cards(queue, job.id, seen_at)]
    if running is not None:
        job_cards += _estimate_cards(running, seen_at)
    cards(job_cards, age)
    with st.container(key="job-progress"):  # fixed height, so that nothing below moves
        percent = progress.percent(job)
        if percent is not None:
            st.progress(percent / 100)
    with st.container(key="job-suspicion"):
        if running is not None and running.problem is not None:
            st.warning(problem_text(running.problem), icon=":material/help:")
    facts(
        {
            "Path": job.file_path,
            "Type": job.job_type,
            "Policy": job.policy_name,
            "Priority": None if job.priority is None else f"{job.priority} (lower runs first)",
            "Created": local(job.created_at),
            "Started": local(job.started_at) or "–",
            "Finished": local(job.completed_at) or "–",
            "Estimate": _basis(job.id, running, queue),
            "Output": job.output_path,
            "Summary": None if job.is_terminal else job.summary,
            "Job ID": job.id,
        },
        key="job-all-facts",
        copyable="Job ID",
        ages={
            "Created": _seconds_ago(job.created_at, now),
            "Started": _seconds_ago(job.started_at, now),
            "Finished": _seconds_ago(job.completed_at, now),
        },
    )


def _seconds_ago(moment: datetime | None, now: datetime) -> float | None:
    """Return seconds, or None if the time is unknown or implausible."""
    seconds = None if moment is None else (now - moment).total_seconds()
    return seconds if seconds is not None and is_credible(seconds) else None


def _basis(job_id: str, running: RunningJob | None, queue: QueueForecast | None) -> str | None:
    if queue is not None and job_id in queue.expected:
        return queue.assumptions(job_id)
    return None if running is None else estimate_text.basis_text(running)


def _estimate_cards(running: RunningJob, seen_at: datetime) -> list[Card]:
    """Remaining time and ETA."""
    remaining, zone = running.remaining, viewer_zone()
    if remaining is None:
        return [Card("Remaining", "–"), Card("ETA", "–")]
    time = estimate_text.remaining_text(remaining), estimate_text.remaining_range(remaining)
    end = (
        estimate_text.eta_text(remaining, seen_at, zone),
        estimate_text.eta_range(remaining, seen_at, zone),
    )
    return [
        Card(label, text, note="" if text.removeprefix("about ") == note else note)
        for label, (text, note) in (("Remaining", time), ("ETA", end))
    ]
