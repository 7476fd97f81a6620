"""What was seen: jobs, their changes and percentages, and the queue's counts."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from vpo_monitor.api.models import TERMINAL_STATUSES, JobReport
from vpo_monitor.plain_text import plain

NO_REASON = "VPO gave no reason"
"""Shown for a failed job without an error message."""


_LONGEST_LINE = 500

Span = tuple[datetime, datetime]
"""A monitored period, as start and end."""
COUNTS_EVERY = timedelta(minutes=5)
"""Counts are stored at least this often while the server is monitored."""
COUNTS_GOOD_FOR = timedelta(minutes=6)
"""If the next counts are later than this, the server was not monitored in between."""


class JobRecord(NamedTuple):
    """One job. Times are UTC by the server's clock.

    `size_bytes` is its file's size before the job: None until it is requested, 0 if VPO doesn't
    know it.

    `policy_name`, `priority`, `started_at`, `error` (the first line of VPO's message), `summary`
    (that of its summary) and `stats_id` (the id of its report) are valid only if `has_detail`: the
    detail of the job in its current status has been fetched. An empty `stats_id` means that the job
    has no report, None that its detail was fetched by an earlier version, which didn't keep it.
    `result` is the gist of the report in JSON: None until it is requested, empty if it is gone.
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
    summary: str | None = None
    stats_id: str | None = None
    result: str | None = None

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


class QueueTimes(NamedTuple):
    """The queue times of some jobs in seconds; None if there are none.

    `known` is of how many jobs they are known, `high` what nine of ten waited at most.
    """

    known: int
    mean: float | None
    median: float | None
    high: float | None


class JobResult(NamedTuple):
    """The gist of a report: sizes in bytes, and why a transcode was skipped; None if unknown."""

    size_before: int | None = None
    size_after: int | None = None
    skip_reason: str | None = None
    error: str | None = None

    @classmethod
    def of(cls, report: JobReport) -> Self:
        """Return the gist of a report. A skipped transcode without a reason has an empty one."""
        skipped = (report.video_skip_reason or "") if report.video_transcode_skipped else None
        failed = (report.error_message or "") if report.success is False else None
        texts = (None if one is None else first_line(one) for one in (skipped, failed))
        return cls(report.size_before, report.size_after, *texts)

    @classmethod
    def from_json(cls, text: str | None) -> Self | None:
        """Return the gist that was written by `to_json`; None if there is none."""
        if not text:
            return None
        try:
            result = cls(*json.loads(text))
        except (TypeError, ValueError):  # the file was edited
            return None
        are_sizes = all(isinstance(one, int | None) for one in result[:2])
        return (
            result if are_sizes and all(isinstance(one, str | None) for one in result[2:]) else None
        )

    def to_json(self) -> str:
        """Return it as compact JSON."""
        return json.dumps(self, separators=(",", ":"))


class Kind(StrEnum):
    """The kinds of change of a job."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REQUEUED = "requeued"
    VANISHED = "vanished"
    STALLED = "stalled"


@dataclass(frozen=True)
class Change:
    """A change of a job at `at`, UTC by the server's clock."""

    at: datetime
    kind: Kind
    job_id: str
    job_type: str
    file_path: str


class Reachability(StrEnum):
    """What a server was, as far as its responses show."""

    REACHED = "reached"
    DATABASE_LOCKED = "database_locked"
    UNREACHABLE = "unreachable"


class ReachabilitySpan(NamedTuple):
    """A period in which a server was monitored and its state was the same (UTC, server's clock)."""

    at: datetime
    until: datetime
    state: Reachability


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


class CountsSlot(NamedTuple):
    """The counts stored in one slot of a period: the highest of each, and the last ones.

    `number` counts the slots since 1970; `first_at` and `last` are those of the stored counts.
    """

    number: int
    running: int | None
    queued: int | None
    first_at: datetime
    last: Counts


class QueuePeak(NamedTuple):
    """The longest queue of a period, and when it was first so long (UTC, server's clock)."""

    queued: int
    at: datetime


class Percent(NamedTuple):
    """A job's percentage, first observed `at` (UTC, server's clock)."""

    at: datetime
    job_id: str
    percent: float


def first_line(text: str) -> str:
    """Return the first line of VPO's text, at most 500 characters; empty if it is blank."""
    lines = plain(text).strip().splitlines()
    return lines[0][:_LONGEST_LINE] if lines else ""


def error_words(record: JobRecord | None) -> str:
    """The first line of the error, or that there is none; … until the detail is known."""
    if record is None or not record.has_detail:
        return "…"
    return record.error or NO_REASON
