"""Read data for one render of a page, and remember it for the badge and the next tick."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from vpo_monitor.analysis.connection import STALE_INTERVALS
from vpo_monitor.analysis.known_jobs import KnownJob, known_jobs
from vpo_monitor.api.models import Health, JobPage
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import PATIENCE, Poller
from vpo_monitor.polling.queries import Priority, Query, Route
from vpo_monitor.polling.snapshot import Snapshot, State

T = TypeVar("T")

IDLE_INTERVAL = 30.0
"""Seconds between two requests for the job list while the server's health shows no work."""
_GATHERED_AT_MOST_EVERY = 60.0
"""Seconds; realigning requests again and again must not cost one request each time."""


@dataclass
class ReaderMemory:
    """State that persists between one viewer's renders; times are the poller's clock, in seconds.

    Data fetched before `newer_than` is requested again. After *Refresh* at `refreshed_at`, this
    includes background data. `idle_since` is when the health that shows no work was fetched, with
    `idle_counts`. `moved` is when each of the health's counts first had its value in `counts`.
    `gathered_at` is when requests were last realigned.
    """

    newer_than: float = -math.inf
    refreshed_at: float = -math.inf
    idle_since: float | None = None
    idle_counts: tuple[int | None, ...] = ()
    counts: dict[str, int | None] = field(default_factory=dict)
    moved: dict[str, float] = field(default_factory=dict)
    gathered_at: float = -math.inf


@dataclass(frozen=True)
class Reading:
    """One read of a render, to be repeated by the next tick.

    `is_beside` marks a peek. If `part` is given, the render depends only on that part of the data;
    if it `is_timeless`, not on how long its jobs have been running.
    """

    query: Query[Any]
    max_age: float | None
    newer_than: float
    is_beside: bool = False
    part: Callable[[Any], object] | None = None
    is_timeless: bool = False


Revision = tuple[object, ...]
TrackedValue = Callable[["Reader"], object]


class Reader:
    """Access to the poller for one render, which started at `begun` on the poller's clock.

    All reads together wait at most `patience` seconds. `reads` holds all reads and peeks in order.
    `elsewhere` holds snapshots of other servers, which also trigger a new render of the page.
    """

    def __init__(
        self,
        poller: Poller,
        polling: PollingConfig,
        memory: ReaderMemory,
        *,
        patience: float = PATIENCE,
        utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.polling = polling
        self.reads: dict[Reading, Snapshot[Any]] = {}
        self.tracked: list[tuple[TrackedValue, object]] = []
        self.elsewhere: list[Snapshot[Any]] = []
        self._poller = poller
        self._memory = memory
        self._utcnow = utcnow
        self.begun = poller.now()
        self._give_up_at = self.begun + patience
        self.health = self._read(queries.health(), None, -math.inf)
        _remember_idle(memory, self.health)
        _remember_counts(memory, self.health)

    @property
    def snapshots(self) -> list[Snapshot[Any]]:
        """The snapshots of the page's own content."""
        return [snapshot for reading, snapshot in self.reads.items() if not reading.is_beside]

    @property
    def all_snapshots(self) -> list[Snapshot[Any]]:
        """All snapshots, including those of peeks."""
        return list(self.reads.values())

    @property
    def patience_left(self) -> float:
        """Seconds that the page may still wait for responses."""
        return max(0.0, self._give_up_at - self._poller.now())

    @property
    def is_idle(self) -> bool:
        """Whether the server has neither running nor queued jobs."""
        return self._memory.idle_since is not None

    def read(
        self,
        query: Query[T],
        max_age: float | None = None,
        *,
        newer_than: float = -math.inf,
        part: Callable[[T], object] | None = None,
        is_timeless: bool = False,
    ) -> Snapshot[T]:
        """Return a snapshot at most `max_age` seconds old (default: poll interval) if possible.

        While polling is off, data is requested only when the page opens and on *Refresh*. A job
        list is requested once after the queue has become empty, and then every 30 s. With `part`,
        only a change of what it returns for the data changes `revision`. Pass
        `is_timeless` if the caller tracks what it shows of run times.
        """
        reading = Reading(query, max_age, newer_than, part=part, is_timeless=is_timeless)
        return self._note(reading)

    def peek(
        self, query: Query[T], max_age: float | None = None, *, newer_than: float = -math.inf
    ) -> Snapshot[T]:
        """Read something that is not the page's own content, so the badge ignores it."""
        return self._note(Reading(query, max_age, newer_than, is_beside=True))

    def read_again(self, readings: Iterable[Reading]) -> None:
        """Repeat all reads of an earlier render."""
        for one in readings:
            self._note(one)
        if self.has_asked():
            self.gather(self.begun - self.polling.interval / 2)

    def gather(self, since: float) -> None:
        """Request all data of the poll interval that was fetched before `since` at the same time.

        The health, which all pages read, and a page's own data are first fetched at different
        times. Each would otherwise trigger its own render in every interval.
        """
        now = self._poller.now()
        is_soon = now - self._memory.gathered_at < _GATHERED_AT_MOST_EVERY
        is_late = any(_is_late(one, now) for one in (self.health, *self.all_snapshots))
        if is_soon or is_late or not self.polling.enabled:
            return
        if self._is_apart(self.health, since):
            self.health = self._read(queries.health(), None, since)
            self._memory.gathered_at = now
        for reading, snapshot in self.reads.items():
            if reading.max_age is None and self._is_apart(snapshot, since):
                self.reads[reading] = self._read(reading.query, None, since)
                self._memory.gathered_at = now

    def now(self) -> float:
        """Seconds on the poller's clock."""
        return self._poller.now()

    def has_asked(self) -> bool:
        """Whether any of this reader's data was requested or received since it began."""
        return any(
            (one.fetching_since or one.fetched_at or -math.inf) >= self.begun
            for one in (self.health, *self.all_snapshots)
        )

    def _is_apart(self, snapshot: Snapshot[Any], since: float) -> bool:
        """Whether the data has the poll interval and was fetched before `since`."""
        return (
            snapshot.state is State.OK
            and snapshot.fetching_since is None
            and snapshot.max_age == self.polling.interval
            and snapshot.fetched_at is not None
            and snapshot.fetched_at < since
        )

    def _note(self, reading: Reading) -> Snapshot[Any]:
        snapshot = self._read(reading.query, reading.max_age, reading.newer_than)
        self.reads[reading] = snapshot
        return snapshot

    def _read(self, query: Query[T], max_age: float | None, newer_than: float) -> Snapshot[T]:
        age = self.polling.interval if max_age is None else max_age
        is_idle = self._memory.idle_since is not None and query.priority < Priority.NICE_TO_HAVE
        if query.route is Route.LIST and is_idle and self._memory.idle_since is not None:
            age = max(age, IDLE_INTERVAL)
            newer_than = max(newer_than, self._memory.idle_since)
        is_on = self.polling.enabled
        snapshot = self._poller.read(
            query,
            age if is_on else math.inf,
            newer_than=max(self._renewed_at(query), newer_than if is_on else -math.inf),
            patience=self.patience_left,
        )
        # Pausing stops requests, but does not make old data fresh.
        return snapshot if is_on else replace(snapshot, max_age=age)

    def _renewed_at(self, query: Query[Any]) -> float:
        """Return the time before which data is outdated; only *Refresh* renews the nice-to-have."""
        memory = self._memory
        return memory.newer_than if query.priority < Priority.NICE_TO_HAVE else memory.refreshed_at

    def changed_at(self, *counts: str) -> float:
        """Return when one of these health counts last changed, for `newer_than`.

        A list that is requested then, and otherwise rarely, is cheap and never behind the counts.
        """
        return max(self._memory.moved.get(name, -math.inf) for name in counts)

    @property
    def finished_at(self) -> float:
        """When the health's counts last showed that a job may have finished, for `newer_than`.

        A worker that takes the next job at once leaves the number of running jobs as it was.
        """
        return self.changed_at("jobs_running", "jobs_queued")

    def track(self, at: Callable[["Reader"], T]) -> T:
        """Return the value of `at` now, and render the page again when it changes.

        For values that do not come from a query. `at` is called with the reader of each tick.
        """
        return self.track_seen(at(self), at)

    def track_seen(self, seen: T, at: Callable[["Reader"], T]) -> T:
        """Like `track`, for a value that this render has already computed."""
        self.tracked.append((at, seen))
        return seen

    def data_of(self, query: Query[T]) -> T | None:
        """Return the data of a query that this render has already read."""
        snapshot = self.snapshot_of(query)
        return None if snapshot is None else snapshot.data

    def snapshot_of(self, query: Query[T]) -> Snapshot[T] | None:
        """Return the snapshot of a query that this render has already read."""
        of_query = (it for reading, it in self.reads.items() if reading.query == query)
        return next(of_query, None)

    def revision(self, reads: Iterable[Reading]) -> Revision:
        """Return what a page with these reads depends on; if it is equal, the page looks the same.

        Ages and run times aren't part of it, as the browser counts them.
        """
        return (
            _counts(self.health.data),
            *(_revision_of(one, self.reads[one]) for one in reads if one in self.reads),
        )

    def known_jobs(self) -> dict[str, KnownJob]:
        """Return the jobs of all recently read lists by id. Sends no request."""
        return known_jobs(self._poller.held(Route.LIST))

    def as_of(self, fetched_at: float | None) -> datetime:
        """Return the time (UTC) of the data, by the server's clock, at which running times end.

        The times in responses are by the same clock.
        """
        return self.seen_at(fetched_at) + timedelta(seconds=self._poller.clock_ahead)

    def seen_at(self, fetched_at: float | None) -> datetime:
        """Return the same time (UTC) by this app's clock, for display."""
        return self._utcnow() - timedelta(seconds=self.age(fetched_at))

    def counted_age(self, fetched_at: float | None) -> float | None:
        """Return the age from which the browser may count on; None if the data is too old.

        Beyond that age, nobody knows whether a job still runs.
        """
        age = self.age(fetched_at)
        return None if age > STALE_INTERVALS * self.polling.interval else age

    def age(self, fetched_at: float | None) -> float:
        """Return the seconds since this time of the poller's clock; 0 for None."""
        return 0.0 if fetched_at is None else max(0.0, self._poller.now() - fetched_at)


def _is_late(snapshot: Snapshot[Any], now: float) -> bool:
    """Whether the data is due but not requested: the budget is used up or a request failed."""
    return snapshot.fetching_since is None and (
        snapshot.next_attempt_at <= now or snapshot.error is not None
    )


def _remember_idle(memory: ReaderMemory, health: Snapshot[Health]) -> None:
    data = health.data
    if data is None or health.state is not State.OK or data.jobs_running or data.jobs_queued:
        memory.idle_since = None
        return
    if data.jobs_running is None or data.jobs_queued is None:  # unknown does not mean 0
        memory.idle_since = None
        return
    shown = (data.jobs_running, data.jobs_queued, data.recent_errors)
    if memory.idle_since is None or shown != memory.idle_counts:
        memory.idle_since, memory.idle_counts = health.fetched_at, shown


_COUNTS = ("jobs_running", "jobs_queued", "recent_errors", "active_workers")
_SHOWN = (*_COUNTS, "shutting_down")


def _remember_counts(memory: ReaderMemory, health: Snapshot[Health]) -> None:
    if health.data is None or health.fetched_at is None:
        return
    for name in _COUNTS:
        count = getattr(health.data, name)
        if name in memory.counts and memory.counts[name] != count:
            memory.moved[name] = health.fetched_at
        memory.counts[name] = count


def _counts(health: Health | None) -> Revision:
    return () if health is None else tuple(getattr(health, name) for name in _SHOWN)


def _revision_of(reading: Reading, snapshot: Snapshot[Any]) -> Revision:
    """A snapshot's revision. If it has running jobs, its time counts, as ETAs depend on it."""
    data, error = snapshot.data, None if snapshot.error is None else str(snapshot.error)
    if reading.part is not None:
        return (data is None or reading.part(data), error)
    depends_on_time = not reading.is_timeless and _has_running_jobs(data)
    return (snapshot.revision, error, snapshot.fetched_at if depends_on_time else None)


def _has_running_jobs(data: Any) -> bool:
    return isinstance(data, JobPage) and not all(job.is_terminal for job in data.rows)
