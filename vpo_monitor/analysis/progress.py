"""A job's progress and times, without claiming more than the server reported."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from vpo_monitor.api.models import Job, JobDetail

_FULL = 100.0
_MOST_WHILE_RUNNING = 99


class Progress(StrEnum):
    """Kinds of progress that must not be confused."""

    QUEUED = "queued"
    MEASURED = "measured"
    NOT_REPORTED = "not reported"
    DONE = "done"
    NOT_DONE = "not done"  # finished without success, so the server's 100 % means nothing


def kind_of(job: Job) -> Progress:
    """Return the kind of progress of a job."""
    match job.status:
        case "queued":
            return Progress.QUEUED
        case "completed":
            return Progress.DONE
        case "failed" | "cancelled":
            return Progress.NOT_DONE
    # Most jobs report 0.0 until they jump to 100, so 0.0 is not a measurement.
    return Progress.MEASURED if job.progress_percent else Progress.NOT_REPORTED


def percent(job: Job) -> float | None:
    """Return the measured percentage of a running job from 0 to 100; None if there is none."""
    if kind_of(job) is not Progress.MEASURED or job.progress_percent is None:
        return None
    return min(max(job.progress_percent, 0.0), _FULL)


def whole_percent(measured: float) -> int:
    """Round a running job's percentage down: only a job that has finished says 100 %."""
    return min(int(measured), _MOST_WHILE_RUNNING)


def since_creation(job: Job, now: datetime | None) -> timedelta | None:
    """Return the time from creation to the end, or to `now` if the job has not finished."""
    end = job.completed_at or (None if job.is_terminal else now)
    if job.created_at is None or end is None:
        return None
    return max(end - job.created_at, timedelta())


def queue_wait(job: JobDetail, now: datetime) -> timedelta | None:
    """Return the time from creation to start, or to `now` while the job is queued."""
    end = job.started_at or (now if job.status == "queued" else None)
    if job.created_at is None or end is None:
        return None
    return max(end - job.created_at, timedelta())


def run_time(job: JobDetail, now: datetime) -> timedelta | None:
    """Return the time from start to end, or to `now` while the job runs."""
    end = job.completed_at or (None if job.is_terminal else now)
    if job.started_at is None or end is None:
        return None
    return max(end - job.started_at, timedelta())


_COUNTS = (("scanned", "total_discovered"), ("processed", "total"), ("done", "total"))
"""Keys in a job's summary that count the items done and the items in total."""


def counted(summary: Mapping[str, object] | None) -> tuple[int, int] | None:
    """Return how many items a job has done, and of how many, if its summary counts them."""
    for done, total in _COUNTS:
        values = ((summary or {}).get(done), (summary or {}).get(total))
        if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            reached, of = int(str(values[0])), int(str(values[1]))
            if 0 <= reached <= of and of > 0:
                return reached, of
    return None
