"""How long jobs ran, as a histogram that only grows."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from vpo_monitor.insight.formatting import is_credible
from vpo_monitor.insight.job_filter import JOB_TYPES
from vpo_monitor.insight.watching.job_record import JobRecord

BOUNDS = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)
"""Upper bounds in seconds: a scan takes seconds, a transcode hours."""
OTHER = "other"
"""The type of jobs whose type is none that VPO has, so that no server can make up more labels."""


@dataclass
class Durations:
    """The jobs of one type and status: `counts` has one for each bound, and one for what is above.

    `total` is in seconds.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Take one more job."""
        place = next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        self.counts[place] += 1
        self.total += seconds

    def buckets(self) -> Iterator[tuple[float, int]]:
        """Each upper bound, infinity last, with how many jobs took no longer."""
        below = 0
        for bound, count in zip((*BOUNDS, math.inf), self.counts, strict=True):
            below += count
            yield bound, below


class JobDurations:
    """Counts each run of a job once, from when both its start and its end are known.

    VPO's job list tells an end, and only a job's detail its start: a job counts once some page had
    both read. Jobs that ended while nobody looked count when they are looked at; those that ended
    before this was made, as what is kept of them over a restart, never do. It lives as long as the
    process and never shrinks, though jobs are forgotten, as Prometheus takes a fall for a restart.
    Not safe for several threads: its owner holds the lock.
    """

    def __init__(self) -> None:
        self.of: dict[tuple[str, str], Durations] = {}
        """By job type, `other` among them, and final status."""
        self._counted: dict[str, datetime] = {}

    def take(self, records: Iterable[JobRecord], since: datetime) -> None:
        """Count those of all jobs that are known which ended after `since`, by the server's clock.

        What has been counted and is known no more is forgotten.
        """
        counted: dict[str, datetime] = {}
        for record in records:
            ended, seconds = record.completed_at, record.run_seconds
            if ended is None or seconds is None or not record.is_terminal:
                continue
            if self._counted.get(record.id) != ended:
                if ended < since or not is_credible(seconds):
                    continue
                job_type = record.job_type if record.job_type in JOB_TYPES else OTHER
                self.of.setdefault((job_type, record.status), Durations()).add(seconds)
            counted[record.id] = ended
        self._counted = counted
