"""What is known of a job's progress, and its times, without claiming more than the server said."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from vpo_monitor.api.models import Job, JobDetail

_FULL = 100.0


class Progress(StrEnum):
    """The kinds of progress that must never be mistaken for each other."""

    QUEUED = "queued"
    MEASURED = "measured"
    NOT_REPORTED = "not reported"
    DONE = "done"
    NOT_DONE = "not done"  # ended without success: the server's 100 % means nothing then


def kind_of(job: Job) -> Progress:
    """Tell which kind of progress a job shows."""
    match job.status:
        case "queued":
            return Progress.QUEUED
        case "completed":
            return Progress.DONE
        case "failed" | "cancelled":
            return Progress.NOT_DONE
    # Most jobs stay at 0.0 until they jump to 100: that is no measurement.
    return Progress.MEASURED if job.progress_percent else Progress.NOT_REPORTED


def percent(job: Job) -> float | None:
    """The measured percent of a running job from 0 to 100, or None where there is none."""
    if kind_of(job) is not Progress.MEASURED or job.progress_percent is None:
        return None
    return min(max(job.progress_percent, 0.0), _FULL)


def since_creation(job: Job, now: datetime | None) -> timedelta | None:
    """From creation to completion, or until now, if that is known, for a job that has not ended."""
    end = job.completed_at or (None if job.is_terminal else now)
    if job.created_at is None or end is None:
        return None
    return max(end - job.created_at, timedelta())


def queue_wait(job: JobDetail, now: datetime) -> timedelta | None:
    """From creation to start; until now while the job waits."""
    end = job.started_at or (now if job.status == "queued" else None)
    if job.created_at is None or end is None:
        return None
    return max(end - job.created_at, timedelta())


def run_time(job: JobDetail, now: datetime) -> timedelta | None:
    """From start to completion; until now while the job runs."""
    end = job.completed_at or (None if job.is_terminal else now)
    if job.started_at is None or end is None:
        return None
    return max(end - job.started_at, timedelta())


_COUNTS = (("scanned", "total_discovered"), ("processed", "total"), ("done", "total"))
"""Names under which a job's summary counts what is done and what there is."""


def counted(summary: Mapping[str, object] | None) -> tuple[int, int] | None:
    """How many of how many a job has done, where its summary counts that."""
    for done, total in _COUNTS:
        values = ((summary or {}).get(done), (summary or {}).get(total))
        if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            reached, of = int(str(values[0])), int(str(values[1]))
            if 0 <= reached <= of and of > 0:
                return reached, of
    return None
