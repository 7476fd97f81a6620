"""Observations other than jobs, and the set of observations from one response."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vpo_monitor.history.changes import Change
from vpo_monitor.history.job_record import JobRecord

Span = tuple[datetime, datetime]
"""A monitored period, as start and end."""


COUNTS_EVERY = timedelta(minutes=5)
"""Counts are stored at least this often while the server is monitored."""
COUNTS_GOOD_FOR = timedelta(minutes=6)
"""If the next counts are later than this, the server was not monitored in between."""


@dataclass(frozen=True)
class Counts:
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


@dataclass(frozen=True)
class Percent:
    """A job's percentage, first observed `at` (UTC, server's clock)."""

    at: datetime
    job_id: str
    percent: float


@dataclass
class Watched:
    """All observations, or those from one response; oldest first.

    `requeued` are jobs whose previous percentages no longer count, `vanished` are jobs to remove.
    """

    jobs: list[JobRecord] = field(default_factory=list)
    percents: list[Percent] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    requeued: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
