"""Reads for one drawing of a page, and remembers what was read for its badge and next tick."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from vpo_monitor.api.models import Health
from vpo_monitor.config import PollingConfig
from vpo_monitor.insight.connection import STALE_INTERVALS
from vpo_monitor.insight.known_jobs import KnownJob, known_jobs
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import PATIENCE, Poller
from vpo_monitor.polling.queries import Query, Route
from vpo_monitor.polling.snapshot import Snapshot, State

T = TypeVar("T")

IDLE_INTERVAL = 30.0
"""Seconds between two looks at the job list while the server's health shows no work."""
_GATHERED_AT_MOST_EVERY = 60.0
"""Seconds; what comes apart again and again is not to cost a request each time."""


@dataclass
class ReaderMemory:
    """What one viewer's drawings keep; times are the poller's clock, in seconds.

    `newer_than`: data fetched before is asked for anew, `refreshed_at`: also what is asked for in
    background, as the viewer pressed *Refresh*. `idle_since`: when the health that showed
    no work was fetched; `idle_counts` is what it showed. `moved` says when each of its counts
    was first seen as it is in `counts`. `gathered_at`: when what had come apart was last asked for
    together.
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
    """One read of a drawing, so that it can be made again.

    `is_beside` where it was a peek, `is_moving` where its rows are drawn by the part that moves.
    """

    query: Query[Any]
    max_age: float | None
    newer_than: float
    is_beside: bool = False
    is_moving: bool = False


TrackedValue = Callable[["Reader"], object]


class Reader:
    """One drawing's way to the poller, which has `begun` at that moment of the poller's clock.

    All its reads together wait at most `patience` seconds.

    `reads` holds what it read, also what it peeked at, and in the order of that; `elsewhere` are
    the snapshots of other servers, for which the page comes back as for its own.
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
        """Those that the page is about."""
        return [snapshot for reading, snapshot in self.reads.items() if not reading.is_beside]

    @property
    def all_snapshots(self) -> list[Snapshot[Any]]:
        """Those, and those of what was peeked at."""
        return list(self.reads.values())

    @property
    def patience_left(self) -> float:
        """Seconds that the page may still wait for answers."""
        return max(0.0, self._give_up_at - self._poller.now())

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs or waits at the server."""
        return self._memory.idle_since is not None

    def read(
        self,
        query: Query[T],
        max_age: float | None = None,
        *,
        newer_than: float = -math.inf,
        is_moving: bool = False,
    ) -> Snapshot[T]:
        """What is known, at most `max_age` seconds old (default: the poll interval) if it can be.

        While polling is off, data is asked for when the page opens and on *Refresh* only. A job
        list is asked for once after the queue has become empty, and then every 30 s. `is_moving`
        tells that its rows are drawn by the part of the page that moves, and by nothing else.
        """
        return self._note(Reading(query, max_age, newer_than, is_moving=is_moving))

    def peek(
        self, query: Query[T], max_age: float | None = None, *, newer_than: float = -math.inf
    ) -> Snapshot[T]:
        """Read something beside the point of the page: the badge does not speak of it."""
        return self._note(Reading(query, max_age, newer_than, is_beside=True))

    def read_again(self, readings: Iterable[Reading]) -> None:
        """Read all that an earlier drawing read."""
        for one in readings:
            self._note(one)
        if self.has_asked():
            self.gather(self.begun - self.polling.interval / 2)

    def gather(self, since: float) -> None:
        """Have what was fetched before `since` asked for now, as far as it comes each interval.

        What all pages read, such as the health, and what one reads are first fetched at different
        moments. Each would have the viewer come by itself, in every interval, for ever.
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

    def has_asked(self) -> bool:
        """Whether anything was asked for by this reader, or meanwhile."""
        return any(
            (one.fetching_since or one.fetched_at or -math.inf) >= self.begun
            for one in (self.health, *self.all_snapshots)
        )

    def _is_apart(self, snapshot: Snapshot[Any], since: float) -> bool:
        """Whether it comes with each interval, and is older than that."""
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
        is_idle = self._memory.idle_since is not None and not query.is_background
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
        # A pause asks for nothing, but does not make old data fresh.
        return snapshot if is_on else replace(snapshot, max_age=age)

    def _renewed_at(self, query: Query[Any]) -> float:
        """From when on data counts; what no viewer waits for is renewed by *Refresh* alone."""
        memory = self._memory
        return memory.refreshed_at if query.is_background else memory.newer_than

    def changed_at(self, *counts: str) -> float:
        """When one of these counts of the health last changed, for `newer_than`.

        A list that is asked for then, and else rarely, costs little and is never behind the counts.
        """
        return max(self._memory.moved.get(name, -math.inf) for name in counts)

    def track(self, at: Callable[["Reader"], T]) -> T:
        """What `at` returns now; the page is drawn again when it returns something else.

        That is for what is no query's data: it is called with the reader of each tick.
        """
        seen = at(self)
        self.tracked.append((at, seen))
        return seen

    def track_again(self, looks: Iterable[tuple[TrackedValue, object]]) -> None:
        """Look at all that an earlier drawing looked at."""
        for at, _seen in looks:
            self.track(at)

    def data_of(self, query: Query[T]) -> T | None:
        """The data of what this drawing has read already."""
        snapshot = self.snapshot_of(query)
        return None if snapshot is None else snapshot.data

    def snapshot_of(self, query: Query[T]) -> Snapshot[T] | None:
        """What this drawing has read already."""
        of_query = (it for reading, it in self.reads.items() if reading.query == query)
        return next(of_query, None)

    def known_jobs(self) -> dict[str, KnownJob]:
        """The jobs of all lists that anyone has been shown lately, by id; asks nothing."""
        return known_jobs(self._poller.held(Route.LIST))

    def as_of(self, fetched_at: float | None) -> datetime:
        """The moment (UTC) that data tells of: running times stop there, not later.

        It is by the server's clock, as the times in its answers are.
        """
        return self.seen_at(fetched_at) + timedelta(seconds=self._poller.clock_ahead)

    def seen_at(self, fetched_at: float | None) -> datetime:
        """The same moment (UTC) by this app's own clock, to be shown to people."""
        return self._utcnow() - timedelta(seconds=self.age(fetched_at))

    def counted_age(self, fetched_at: float | None) -> float | None:
        """The age from which times of data of the poll interval may be counted on.

        None where it is too old for that: nobody knows whether it still is so.
        """
        age = self.age(fetched_at)
        return None if age > STALE_INTERVALS * self.polling.interval else age

    def age(self, fetched_at: float | None) -> float:
        """Seconds since that moment of the poller's clock; 0 for None."""
        return 0.0 if fetched_at is None else max(0.0, self._poller.now() - fetched_at)


def _is_late(snapshot: Snapshot[Any], now: float) -> bool:
    """Whether it is due and not asked for: the budget is short, or what was tried has failed."""
    return snapshot.fetching_since is None and (
        snapshot.next_attempt_at <= now or snapshot.error is not None
    )


def _remember_idle(memory: ReaderMemory, health: Snapshot[Health]) -> None:
    data = health.data
    if data is None or health.state is not State.OK or data.jobs_running or data.jobs_queued:
        memory.idle_since = None
        return
    if data.jobs_running is None or data.jobs_queued is None:  # unknown is not none
        memory.idle_since = None
        return
    shown = (data.jobs_running, data.jobs_queued, data.recent_errors)
    if memory.idle_since is None or shown != memory.idle_counts:
        memory.idle_since, memory.idle_counts = health.fetched_at, shown


_COUNTS = ("jobs_running", "jobs_queued", "recent_errors", "active_workers")


def _remember_counts(memory: ReaderMemory, health: Snapshot[Health]) -> None:
    if health.data is None or health.fetched_at is None:
        return
    for name in _COUNTS:
        count = getattr(health.data, name)
        if name in memory.counts and memory.counts[name] != count:
            memory.moved[name] = health.fetched_at
        memory.counts[name] = count
