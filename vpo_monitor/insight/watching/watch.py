"""What anyone has watched of a server: every answer passes here once, whoever asked for it."""

import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from vpo_monitor.insight.watching.changes import Change
from vpo_monitor.insight.watching.facts import Counts, Percent, Span, Watched
from vpo_monitor.insight.watching.hearing import Hearing
from vpo_monitor.insight.watching.history import History
from vpo_monitor.insight.watching.job_record import JobRecord
from vpo_monitor.insight.watching.job_store import JobStore
from vpo_monitor.insight.watching.memory import Memory
from vpo_monitor.polling.queries import Query

_PRUNE_EVERY = timedelta(hours=1)
_COARSE = 20


class Watch:
    """Remembers jobs, changes, percents and counts, in memory and in a history. Thread-safe.

    All times are UTC by the server's clock, which `ahead` tells in seconds from ours, so that they
    compare with those in its answers. Every store is bounded, the jobs by `most_jobs`, and forgets
    what is older than `days`. `revision` is another number whenever something has changed,
    `caught_up_at` when anyone last had more asked for, by the poller's clock.
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
        self._pruned_at = self.now()
        self._memory.take(history.load())

    def now(self) -> datetime:
        """The time by the server's clock."""
        return self._utcnow() + timedelta(seconds=self._ahead())

    def hear(self, query: Query[Any], answer: Any, asked_at: float, took: float) -> None:
        """Take an answer that was asked for at `asked_at` and came `took` seconds later.

        `asked_at` is by the poller's clock, which no correction of the time can turn back.
        """
        now = self.now()
        with self._lock:
            hearing = Hearing(self._memory, asked_at, now - timedelta(seconds=took), now)
            hearing.hear(query, answer)
            news = hearing.news
            if news != Watched():
                self.revision += 1
            is_time_to_prune = abs(now - self._pruned_at) > _PRUNE_EVERY
            if is_time_to_prune:
                self._pruned_at = now
                self._memory.drop_before(now - self._keep)
        if news != Watched():
            self.history.add(news)
        if is_time_to_prune:
            self.history.prune()

    def record(self, job_id: str) -> JobRecord | None:
        """What is known of one job."""
        with self._lock:
            return self._memory.jobs.get(job_id)

    def records(self) -> list[JobRecord]:
        """What is known of every job."""
        with self._lock:
            return list(self._memory.jobs)

    def running(self) -> list[JobRecord]:
        """Those jobs that run, as far as is known."""
        with self._lock:
            return self._memory.jobs.running()

    def changes(self, most: int) -> list[Change]:
        """What happened last, the newest first."""
        with self._lock:
            newest = sorted(self._memory.changes, key=lambda change: change.at, reverse=True)
        return newest[:most]

    def percents(self, job_id: str) -> list[Percent]:
        """The changes of a job's percent that were seen, the oldest first."""
        with self._lock:
            return list(self._memory.percents.get(job_id, ()))

    def counts(self) -> list[Counts]:
        """The health's counts, one for each time they changed, the oldest first."""
        with self._lock:
            return list(self._memory.counts)

    def spans(self) -> list[Span]:
        """The times in which somebody watched, from and until, the oldest first."""
        with self._lock:
            return self._memory.looks.spans()

    def run_times(self, job_type: str, policy_name: str | None) -> list[float]:
        """Seconds that completed jobs of a type under a policy ran, at most 200 of the last."""
        with self._lock:
            return self._memory.jobs.times.of(job_type, policy_name)

    def run_times_of_type(self, job_type: str) -> list[float]:
        """Seconds that completed jobs of a type ran, whatever their policy."""
        with self._lock:
            return self._memory.jobs.times.of_type(job_type)

    def coarse_revision(self) -> tuple[int, bool]:
        """Another value now and then while details come in one by one, and when all are there."""
        with self._lock:
            return (self.revision // _COARSE, not self._memory.jobs.undetailed())

    def lost(self) -> list[str]:
        """Jobs that left the list they were in, and that no other list has shown since."""
        with self._lock:
            return list(self._memory.jobs.lost)

    def undetailed(self) -> list[JobRecord]:
        """Jobs without a detail of their present status, at most 500 of those last shown."""
        with self._lock:
            return self._memory.jobs.undetailed()

    def is_sized(self, job_id: str) -> bool:
        """Whether the size of the job's file has been asked for."""
        with self._lock:
            return self._memory.jobs.is_sized(job_id)
