"""The bounded stores of all observations of a server. Not thread-safe."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime

from vpo_monitor.history.changes import Change
from vpo_monitor.history.facts import Counts, Percent, Watched
from vpo_monitor.history.job_store import JobStore
from vpo_monitor.history.observation_spans import ObservationSpans

_MOST_CHANGES = 1000
_MOST_PERCENTS = 150
_MOST_COUNTS = 1000


@dataclass
class Memory:
    """Jobs and their observations.

    `asked_at` is when the newest response about each job was requested, by the poller's clock,
    which is monotonic.
    """

    jobs: JobStore
    asked_at: dict[str, float] = field(default_factory=dict)
    percents: defaultdict[str, deque[Percent]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=_MOST_PERCENTS))
    )
    changes: deque[Change] = field(default_factory=lambda: deque(maxlen=_MOST_CHANGES))
    counts: deque[Counts] = field(default_factory=lambda: deque(maxlen=_MOST_COUNTS))
    observation_spans: ObservationSpans = field(default_factory=ObservationSpans)

    def take(self, kept: Watched) -> None:
        """Load stored observations."""
        for record in kept.jobs:
            self.jobs.put(record)
        for record in self.jobs:  # their state may have changed without monitoring
            if record.status in ("running", "queued"):
                self.jobs.missing[record.id] = None
        for percent in kept.percents:
            self.percents[percent.job_id].append(percent)
        self.changes.extend(kept.changes)
        self.counts.extend(kept.counts)
        self.observation_spans.take(kept.spans)
        self._forget_percents()

    def drop(self, job_id: str) -> None:
        """Remove everything about a job but its changes."""
        self.jobs.drop(job_id)
        self.asked_at.pop(job_id, None)
        self.percents.pop(job_id, None)

    def drop_before(self, oldest: datetime) -> None:
        """Remove data older than this, and the percentages of finished jobs."""
        for job_id in self.jobs.ended_before(oldest):
            self.drop(job_id)
        while self.changes and self.changes[0].at < oldest:
            self.changes.popleft()
        while self.counts and self.counts[0].at < oldest:
            self.counts.popleft()
        self.observation_spans.drop_before(oldest)
        self._forget_percents()

    def _forget_percents(self) -> None:
        for job_id in list(self.percents):
            record = self.jobs.get(job_id)
            if record is None or record.is_terminal:
                del self.percents[job_id]
