"""What is known of one query at one moment."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from vpo_monitor.api.errors import VpoError

T = TypeVar("T")

TICK_MARGIN = 0.05
"""Seconds that a tick comes after the due time; 1 ms too early would cost a whole interval."""
TOGETHER = 0.25
"""Seconds; snapshots that are due within so long of each other share one tick."""
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 2.0


class State(StrEnum):
    """How the last attempt went."""

    WAITING = "waiting"  # nothing has come back yet
    OK = "ok"
    FAILED = "failed"  # the last attempt failed; another will come
    STOPPED = "stopped"  # the token was rejected; none will come until a viewer retries


@dataclass(frozen=True)
class Snapshot(Generic[T]):
    """Data, its age, and when newer data is due. All times are the poller's clock, in seconds.

    `data` is the last good data and survives failures; `error` is that of the last attempt.
    `next_attempt_at` is infinite if nothing will be sent until a viewer acts. `max_age` is the
    reader's limit. `revision` increases when an answer differs from the one before.
    """

    data: T | None
    fetched_at: float | None
    state: State
    error: VpoError | None
    failures: int
    fetching_since: float | None
    next_attempt_at: float
    max_age: float
    revision: int = 0

    def age(self, now: float) -> float | None:
        """Return the seconds since the data was good, or None without data."""
        return None if self.fetched_at is None else max(0.0, now - self.fetched_at)


def seconds_to_next_tick(snapshots: Iterable[Snapshot[Any]], now: float) -> float | None:
    """Return when a page that shows these should read again; None if nothing will change.

    While a request is under way that is soon, then less and less often. Otherwise it is just after
    the next one is due, with those that are due `TOGETHER`, so that all viewers of a query read at
    the same time.
    """
    waits = [_wait(snapshot, now) for snapshot in snapshots]
    soonest = min(waits, default=math.inf)
    if math.isinf(soonest):
        return None
    return max(wait for wait in waits if wait <= soonest + TOGETHER)


def _wait(snapshot: Snapshot[Any], now: float) -> float:
    if snapshot.fetching_since is not None:
        return min(max((now - snapshot.fetching_since) / 2, _FIRST_WAIT), _LONGEST_WAIT)
    return max(snapshot.next_attempt_at - now, 0.0) + TICK_MARGIN
