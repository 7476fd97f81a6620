"""Record the observations of a server; each response is processed once for all viewers."""

import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from vpo_monitor.history.changes import Change, at_its_start
from vpo_monitor.history.facts import Counts, Percent, Span, Watched
from vpo_monitor.history.history import History
from vpo_monitor.history.ingestion import Ingestion
from vpo_monitor.history.job_record import JobRecord
from vpo_monitor.history.job_store import JobStore
from vpo_monitor.history.memory import Memory
from vpo_monitor.polling.queries import Query

_PRUNE_EVERY = timedelta(hours=1)
_COARSE_EVERY = timedelta(seconds=15)


class JobTracker:
    """Observed jobs, changes, percentages and counts, in memory and a history. Thread-safe.

    All times are UTC by the server's clock, so that they are comparable with those in its
    responses; `ahead` returns its difference to ours in seconds. Every store is bounded
    (`most_jobs` jobs) and drops data older than `days`. `revision` increases with every change.
    `caught_up_at` is when background requests were last sent, by the poller's clock.
    """

    def __init__(
        self,
        history: History,
        *,
        most_jobs: int,
        days: float = 30.0,
        ahead: Callable[[], float] = lambda: 0.0,
        utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.history = history
        self.revision = 0
        self.caught_up_at = -math.inf
        self._keep = timedelta(days=days)
        self._ahead = ahead
        self._utcnow = utcnow
        self._lock = threading.Lock()
        self._memory = Memory(JobStore(most_jobs))
        self._settled = self._coarse = 0
        self._pruned_at = self.now()
        self._coarse_at = self._pruned_at - _COARSE_EVERY
        self._memory.take(history.load())

    def now(self) -> datetime:
        """Return the time by the server's clock."""
        return self._utcnow() + timedelta(seconds=self._ahead())

    def ingest(self, query: Query[Any], answer: Any, asked_at: float, took: float) -> None:
        """Record a response that was requested at `asked_at` and took `took` seconds.

        `asked_at` is by the poller's clock, which is monotonic.
        """
        now = self.now()
        with self._lock:
            ingestion = Ingestion(self._memory, asked_at, now - timedelta(seconds=took), now)
            ingestion.ingest(query, answer)
            news = ingestion.news
            if news != Watched():
                self.revision += 1
            self._settled += ingestion.has_settled or bool(news.vanished)
            is_time_to_prune = abs(now - self._pruned_at) > _PRUNE_EVERY
            if is_time_to_prune:
                self._pruned_at = now
                self._memory.drop_before(now - self._keep)
        if news != Watched():
            self.history.add(news)
        if is_time_to_prune:
            self.history.prune()

    def record(self, job_id: str) -> JobRecord | None:
        """Return the record of one job."""
        with self._lock:
            return self._memory.jobs.get(job_id)

    def records(self) -> list[JobRecord]:
        """Return the records of all jobs."""
        with self._lock:
            return list(self._memory.jobs)

    def running(self) -> list[JobRecord]:
        """Return the jobs known to be running."""
        with self._lock:
            return self._memory.jobs.running()

    def changes(self, most: int) -> list[Change]:
        """Return the last changes, newest first."""
        with self._lock:
            jobs, seen = self._memory.jobs, self._memory.changes
            known = [at_its_start(change, jobs.get(change.job_id)) for change in seen]
        return sorted(known, key=lambda change: change.at, reverse=True)[:most]

    def percents(self, job_id: str) -> list[Percent]:
        """Return the observed changes of a job's percentage, oldest first."""
        with self._lock:
            return list(self._memory.percents.get(job_id, ()))

    def counts(self) -> list[Counts]:
        """Return the changes of the health's counts, oldest first."""
        with self._lock:
            return list(self._memory.counts)

    def spans(self) -> list[Span]:
        """Return the monitored periods as start and end, oldest first."""
        with self._lock:
            return self._memory.observation_spans.spans()

    def run_times(self, job_type: str, policy_name: str | None) -> list[float]:
        """Return run times in seconds of up to 200 recent completed jobs of a type and policy."""
        with self._lock:
            return self._memory.jobs.times.of(job_type, policy_name)

    def run_times_of_type(self, job_type: str) -> list[float]:
        """Return run times in seconds of completed jobs of a type with any policy."""
        with self._lock:
            return self._memory.jobs.times.of_type(job_type)

    def coarse_revision(self) -> tuple[int, bool]:
        """Return a revision of the jobs without their progress, and whether all details are known.

        While details arrive, it changes at most every 15 s, as drawing many jobs takes time.
        """
        now = self.now()
        with self._lock:
            is_behind = self._coarse != self._settled
            if is_behind and abs(now - self._coarse_at) >= _COARSE_EVERY:
                self._coarse, self._coarse_at = self._settled, now
            return (self._coarse, not self._memory.jobs.undetailed())

    def missing(self) -> list[str]:
        """Return the missing jobs: they left their list and appeared in no other list since."""
        with self._lock:
            return list(self._memory.jobs.missing)

    def undetailed(self) -> list[JobRecord]:
        """Return up to 500 recent jobs without a detail of their current status."""
        with self._lock:
            return self._memory.jobs.undetailed()

    def is_sized(self, job_id: str) -> bool:
        """Whether the size of the job's file has been requested."""
        with self._lock:
            return self._memory.jobs.is_sized(job_id)

    def add_size(self, job_id: str, size: int | None) -> None:
        """Record the size of a job's file in bytes, None if VPO doesn't know it."""
        with self._lock:
            sized = self._memory.jobs.size(job_id, size)
            if sized is not None:
                self.revision += 1
        if sized is not None:
            self.history.add(Watched(jobs=[sized]))
