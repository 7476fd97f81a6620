"""What is watched beside the jobs themselves, and what one answer adds to all of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vpo_monitor.insight.watching.changes import Change
from vpo_monitor.insight.watching.job_record import JobRecord

Span = tuple[datetime, datetime]
"""A time in which somebody watched, from and until."""


COUNTS_EVERY = timedelta(minutes=5)
"""Counts are kept at least so often while anyone looks."""
COUNTS_GOOD_FOR = timedelta(minutes=6)
"""Where the next ones are later than this, nobody looked in between."""


@dataclass(frozen=True)
class Counts:
    """The health's counts as they were from `at` on (UTC, the server's clock)."""

    at: datetime
    running: int | None
    queued: int | None
    failed: int | None
    workers: int | None

    @property
    def figures(self) -> tuple[int | None, ...]:
        """The counts alone."""
        return (self.running, self.queued, self.failed, self.workers)


@dataclass(frozen=True)
class Percent:
    """A job's percent, as first seen `at` (UTC, the server's clock)."""

    at: datetime
    job_id: str
    percent: float


@dataclass
class Watched:
    """Everything that was watched, or what one answer adds to it; the oldest first.

    `begun_anew` are jobs whose percents so far count no more, `vanished` those to be forgotten.
    """

    jobs: list[JobRecord] = field(default_factory=list)
    percents: list[Percent] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    begun_anew: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
