"""Job run times as a histogram that never decreases."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from vpo_monitor.analysis.formatting import is_credible
from vpo_monitor.analysis.job_filter import JOB_TYPES
from vpo_monitor.history.records import JobRecord

BOUNDS = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)
"""Upper bounds in seconds: a scan takes seconds, a transcode hours."""
OTHER = "other"
"""The label for job types unknown to VPO, so that a server cannot create unlimited labels."""


@dataclass
class Durations:
    """Run times of one job type and status: one count per bound, and one for longer run times.

    `total` is in seconds.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Add one job."""
        place = next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        self.counts[place] += 1
        self.total += seconds

    def buckets(self) -> Iterator[tuple[float, int]]:
        """Return each upper bound, ending with infinity, and the number of jobs up to it."""
        below = 0
        for bound, count in zip((*BOUNDS, math.inf), self.counts, strict=True):
            below += count
            yield bound, below


class JobDurations:
    """Run times of jobs; each run counts once, when both its start and its end are known.

    VPO's job list includes the end of a job, but only the job's detail includes its start. A job
    therefore counts after both have been fetched. Jobs that finished while nothing was monitored
    count when they are fetched. Jobs that finished before this object was created never count, even
    if they are in the history. Counts are never removed when jobs are forgotten, because Prometheus
    treats a decrease as a restart. Not thread-safe: the owner holds the lock.
    """

    def __init__(self) -> None:
        self.of: dict[tuple[str, str], Durations] = {}
        """By job type, including `other`, and final status."""
        self._counted: dict[str, datetime] = {}

    def take(self, records: Iterable[JobRecord], since: datetime) -> None:
        """Count the known jobs that finished after `since`, by the server's clock.

        Jobs that were counted and are no longer known are dropped from the record of counted jobs.
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
