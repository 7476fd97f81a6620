"""What anyone has watched of a server: every answer passes here once, whoever asked for it."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vpo_monitor.api.errors import BadRequest, NotFound
from vpo_monitor.api.models import TERMINAL_STATUSES, Health, Job, JobDetail, JobPage
from vpo_monitor.insight.watching import changes
from vpo_monitor.insight.watching.changes import Change
from vpo_monitor.insight.watching.history import Counts, History, Percent, Watched
from vpo_monitor.insight.watching.job_record import JobRecord
from vpo_monitor.insight.watching.known_times import KnownTimes
from vpo_monitor.insight.watching.looks import WATCHED_GAP, Looks
from vpo_monitor.polling.background import FileSize
from vpo_monitor.polling.many_jobs import ManyJobs
from vpo_monitor.polling.queries import Query, Route

_COUNTS_EVERY = timedelta(minutes=5)
_PRUNE_EVERY = timedelta(hours=1)
_MOST_CHANGES = 1000
_COARSE = 20
_MOST_PERCENTS = 150
_MOST_COUNTS = 1000


class Watch:
    """Remembers jobs, changes, percents and counts, in memory and in a history. Thread-safe.

    All times are UTC by the server's clock, which `ahead` tells in seconds from ours, so that they
    compare with those in its answers. Every store is bounded, the jobs by `most_jobs`. `revision`
    is another number whenever something has changed.
    """

    def __init__(
        self,
        history: History,
        *,
        most_jobs: int,
        ahead: Callable[[], float] = lambda: 0.0,
        utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.history = history
        self.revision = 0
        self._most_jobs = most_jobs
        self._ahead = ahead
        self._utcnow = utcnow
        self._lock = threading.Lock()
        self._jobs: dict[str, JobRecord] = {}
        self._seen_at: dict[str, datetime] = {}
        self._percents: defaultdict[str, deque[Percent]] = defaultdict(
            lambda: deque(maxlen=_MOST_PERCENTS)
        )
        self._changes: deque[Change] = deque(maxlen=_MOST_CHANGES)
        self._counts: deque[Counts] = deque(maxlen=_MOST_COUNTS)
        self._looks = Looks()
        self._times = KnownTimes()
        self._sized: set[str] = set()
        self._lost: dict[str, None] = {}
        self._undetailed: dict[str, None] = {}
        self._running: dict[str, None] = {}
        self._pruned_at = self.now()
        self._take(history.load())

    def now(self) -> datetime:
        """The time by the server's clock."""
        return self._utcnow() + timedelta(seconds=self._ahead())

    def hear(self, query: Query[Any], answer: Any, took: float) -> None:
        """Take an answer that was `took` seconds on its way."""
        now = self.now()
        news = Watched()
        with self._lock:
            self._hear(query, answer, now, now - timedelta(seconds=took), news)
            if news != Watched():
                self.revision += 1
            is_time_to_prune = now - self._pruned_at > _PRUNE_EVERY
            if is_time_to_prune:
                self._pruned_at = now
                self._forget()
        if news != Watched():
            self.history.add(news)
        if is_time_to_prune:
            self.history.prune()

    def record(self, job_id: str) -> JobRecord | None:
        """What is known of one job."""
        with self._lock:
            return self._jobs.get(job_id)

    def records(self) -> list[JobRecord]:
        """What is known of every job."""
        with self._lock:
            return list(self._jobs.values())

    def running(self) -> list[JobRecord]:
        """Those jobs that run, as far as is known."""
        with self._lock:
            return [self._jobs[job_id] for job_id in self._running]

    def changes(self, most: int) -> list[Change]:
        """What happened last, the newest first."""
        with self._lock:
            newest = sorted(self._changes, key=lambda change: change.at, reverse=True)
        return newest[:most]

    def percents(self, job_id: str) -> list[Percent]:
        """The changes of a job's percent that were seen, the oldest first."""
        with self._lock:
            return list(self._percents.get(job_id, ()))

    def counts(self) -> list[Counts]:
        """The health's counts, one for each time they changed, the oldest first."""
        with self._lock:
            return list(self._counts)

    def spans(self) -> list[tuple[datetime, datetime]]:
        """The times in which somebody watched, from and until, the oldest first."""
        with self._lock:
            return self._looks.spans()

    def run_times(self, job_type: str, policy_name: str | None) -> list[float]:
        """Seconds that completed jobs of a type under a policy ran, at most 200 of the last."""
        with self._lock:
            return self._times.of(job_type, policy_name)

    def run_times_of_type(self, job_type: str) -> list[float]:
        """Seconds that completed jobs of a type ran, whatever their policy."""
        with self._lock:
            return self._times.of_type(job_type)

    def coarse_revision(self) -> tuple[int, bool]:
        """Another value now and then while details come in one by one, and when all are there."""
        with self._lock:
            return (self.revision // _COARSE, not self._undetailed)

    def lost(self) -> list[str]:
        """Jobs that left the list they were in, and that no other list has shown since."""
        with self._lock:
            return list(self._lost)

    def undetailed(self) -> list[JobRecord]:
        """Jobs whose detail in their present status has not been seen, the last shown first."""
        with self._lock:
            return [self._jobs[job_id] for job_id in reversed(self._undetailed)]

    def is_sized(self, job_id: str) -> bool:
        """Whether the size of the job's file has been asked for."""
        with self._lock:
            return job_id in self._sized

    def _hear(
        self, query: Query[Any], answer: Any, now: datetime, asked: datetime, news: Watched
    ) -> None:
        match answer:
            case JobPage():
                self._hear_list(query, answer, now, asked, news)
            case ManyJobs():
                self._hear_jobs(answer.page, now, asked, news)
            case JobDetail():
                self._see(answer, now, asked, self._looks.before(now), news)
            case Health():
                self._hear_health(answer, now, news)
            case FileSize() if answer.is_complete:
                self._hear_size(answer, news)
            case NotFound() if query.route is Route.DETAIL:
                self._hear_vanished(dict(query.arguments)["job_id"], now, news)
            case BadRequest() if query.route is Route.DETAIL:  # its id is none that VPO takes
                self._undetailed.pop(dict(query.arguments)["job_id"], None)

    def _hear_list(
        self, query: Query[Any], page: JobPage, now: datetime, asked: datetime, news: Watched
    ) -> None:
        self._hear_jobs(page.rows, now, asked, news)
        status = _status_listed_in_full(query, page)
        if status is not None and status not in TERMINAL_STATUSES:
            shown = {job.id for job in page.rows}
            for record in self._jobs.values():
                is_gone = record.status == status and record.id not in shown
                if is_gone and self._seen_at[record.id] <= asked:
                    self._lost[record.id] = None

    def _hear_jobs(
        self, jobs: Sequence[Job], now: datetime, asked: datetime, news: Watched
    ) -> None:
        since = self._looks.before(now)
        for job in jobs:
            self._see(job, now, asked, since, news)
        news.spans += self._looks.note(now)

    def _see(
        self, job: Job, now: datetime, asked: datetime, since: datetime | None, news: Watched
    ) -> None:
        before = self._jobs.get(job.id)
        is_contradiction = before is not None and before.status != job.status
        if is_contradiction and self._seen_at[job.id] > asked:
            return  # asked for before what is known already, and overtaken on the way
        after = changes.updated(before, job)
        change = changes.change_of(before, after, now, since)
        if change is not None:
            self._changes.append(change)
            news.changes.append(change)
        self._seen_at[job.id] = now
        self._lost.pop(job.id, None)
        if after != before:
            self._put(after)
            news.jobs.append(after)
        self._see_percent(after, now, news)

    def _see_percent(self, record: JobRecord, now: datetime, news: Watched) -> None:
        percent = record.progress_percent
        if record.status != "running" or percent is None:
            return
        known = self._percents.get(record.id)
        if (known[-1].percent if known else 0.0) != percent:
            seen = Percent(now, record.id, percent)
            self._percents[record.id].append(seen)
            news.percents.append(seen)

    def _hear_health(self, health: Health, now: datetime, news: Watched) -> None:
        counts = Counts(
            now,
            health.jobs_running,
            health.jobs_queued,
            health.recent_errors,
            health.active_workers,
        )
        last = self._counts[-1] if self._counts else None
        if last is None or _figures(last) != _figures(counts) or now - last.at >= _COUNTS_EVERY:
            self._counts.append(counts)
            news.counts.append(counts)

    def _hear_size(self, size: FileSize, news: Watched) -> None:
        record = self._jobs.get(size.job_id)
        if record is None:
            return
        self._sized.add(record.id)
        if size.bytes:
            record = self._jobs[record.id] = replace(record, size_bytes=size.bytes)
            news.jobs.append(record)

    def _hear_vanished(self, job_id: str, now: datetime, news: Watched) -> None:
        self._lost.pop(job_id, None)
        record = self._jobs.pop(job_id, None)
        if record is None:
            return
        news.vanished.append(job_id)
        self._drop(record)
        if not record.is_terminal:
            change = changes.vanished(record, now)
            self._changes.append(change)
            news.changes.append(change)

    def _put(self, record: JobRecord) -> None:
        """Keep a job as the newest, and its run time with those of its kind."""
        self._jobs.pop(record.id, None)
        self._jobs[record.id] = record
        self._undetailed.pop(record.id, None)
        if not record.has_detail:
            self._undetailed[record.id] = None
        self._running.pop(record.id, None)
        if record.status == "running":
            self._running[record.id] = None
        self._times.put(record)
        while len(self._jobs) > self._most_jobs:
            self._drop(self._jobs.pop(next(iter(self._jobs))))

    def _drop(self, record: JobRecord) -> None:
        self._seen_at.pop(record.id, None)
        self._percents.pop(record.id, None)
        self._lost.pop(record.id, None)
        self._undetailed.pop(record.id, None)
        self._running.pop(record.id, None)
        self._sized.discard(record.id)
        self._times.drop(record)

    def _forget(self) -> None:
        """Let go of the percents of jobs that have ended."""
        for job_id in list(self._percents):
            record = self._jobs.get(job_id)
            if record is None or record.is_terminal:
                del self._percents[job_id]

    def _take(self, kept: Watched) -> None:
        now = self.now()
        for record in kept.jobs:
            self._put(record)
            self._seen_at[record.id] = now - WATCHED_GAP
            if record.size_bytes is not None:
                self._sized.add(record.id)
        for percent in kept.percents:
            if percent.job_id in self._jobs:
                self._percents[percent.job_id].append(percent)
        self._changes.extend(kept.changes)
        self._counts.extend(kept.counts)
        self._looks.take(kept.spans)
        self._forget()


def _figures(counts: Counts) -> tuple[int | None, ...]:
    return (counts.running, counts.queued, counts.failed, counts.workers)


def _status_listed_in_full(query: Query[Any], page: JobPage) -> str | None:
    """The status of which the answer shows every job, if it does."""
    given = dict(query.arguments)
    status = given.pop("status", None)
    is_whole = page.total == len(page.rows) and not page.skipped
    is_only = not given.keys() - {"limit", "sort", "order"}
    return str(status) if status and is_whole and is_only else None
