"""What was seen: jobs, their changes and percentages, and the queue's counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from vpo_monitor.api.models import TERMINAL_STATUSES

NO_REASON = "VPO gave no reason"
"""Shown for a failed job without an error message."""


Span = tuple[datetime, datetime]
"""A monitored period, as start and end."""
COUNTS_EVERY = timedelta(minutes=5)
"""Counts are stored at least this often while the server is monitored."""
COUNTS_GOOD_FOR = timedelta(minutes=6)
"""If the next counts are later than this, the server was not monitored in between."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job. Times are UTC by the server's clock.

    `size_bytes` is its file's size before the job: None until it is requested, 0 if VPO doesn't
    know it.

    `policy_name`, `priority`, `started_at` and `error` (the first line of VPO's message) are valid
    only if `has_detail`: the detail of the job in its current status has been fetched.
    """

    id: str
    job_type: str = ""
    status: str = ""
    file_path: str = ""
    progress_percent: float | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    policy_name: str | None = None
    priority: int | None = None
    error: str | None = None
    size_bytes: int | None = None
    has_detail: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether the job has finished; a job with an unknown status has not."""
        return self.status in TERMINAL_STATUSES

    @property
    def run_seconds(self) -> float | None:
        """Seconds from start to end; None if either is unknown."""
        if self.started_at is None or self.completed_at is None:
            return None
        return max(0.0, (self.completed_at - self.started_at).total_seconds())


class FinishedRun(NamedTuple):
    """The run time of a completed job in seconds, and its file's size before; None if unknown."""

    seconds: float
    size_bytes: int | None


class Kind(StrEnum):
    """The kinds of change of a job."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REQUEUED = "requeued"
    VANISHED = "vanished"


@dataclass(frozen=True)
class Change:
    """A change of a job at `at`, UTC by the server's clock."""

    at: datetime
    kind: Kind
    job_id: str
    job_type: str
    file_path: str


class Counts(NamedTuple):
    """The health's counts from `at` on (UTC, server's clock)."""

    at: datetime
    running: int | None
    queued: int | None
    failed: int | None
    workers: int | None

    @property
    def figures(self) -> tuple[int | None, ...]:
        """The counts without their time."""
        return (self.running, self.queued, self.failed, self.workers)


class Percent(NamedTuple):
    """A job's percentage, first observed `at` (UTC, server's clock)."""

    at: datetime
    job_id: str
    percent: float


def error_words(record: JobRecord | None) -> str:
    """The first line of the error, or that there is none; … until the detail is known."""
    if record is None or not record.has_detail:
        return "…"
    return record.error or NO_REASON
