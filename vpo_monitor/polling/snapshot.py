"""What is known of one query at one moment."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from vpo_monitor.api.errors import VpoError

T = TypeVar("T")

TICK_MARGIN = 0.05
"""Seconds after the due time: a tick that comes 1 ms before it would lose a whole interval."""
TOGETHER = 0.25
"""Seconds; what is due within so long of each other is looked at once, not each for itself."""
_FIRST_LOOK = 0.5
_LONGEST_LOOK = 2.0


class State(StrEnum):
    """How the last attempt went."""

    WAITING = "waiting"  # nothing has come back yet
    OK = "ok"
    FAILED = "failed"  # the last attempt failed; another will come
    STOPPED = "stopped"  # the login was refused; none will come until someone asks


@dataclass(frozen=True)
class Snapshot(Generic[T]):
    """Data with its age and the prospect of newer. All times are the poller's clock, in seconds.

    `data` is the last good data and survives failures; `error` is that of the last attempt.
    `next_attempt_at` is infinite where nothing will be asked without a viewer's doing. `max_age` is
    the age, in seconds, up to which the reader wanted it. `revision` increases when an answer
    differs from the one before.
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
        """Seconds since the data was good, or None without data."""
        return None if self.fetched_at is None else max(0.0, now - self.fetched_at)


def seconds_to_next_tick(snapshots: Iterable[Snapshot[Any]], now: float) -> float | None:
    """When a page that shows these should be drawn again; None where nothing will change.

    While an answer is on its way the page looks soon and then less and less often; else it comes
    back just after the next one is due, and those that are due `TOGETHER` with it, so that all
    viewers of a query tick together.
    """
    waits = [_wait(snapshot, now) for snapshot in snapshots]
    soonest = min(waits, default=math.inf)
    if math.isinf(soonest):
        return None
    return max(wait for wait in waits if wait <= soonest + TOGETHER)


def _wait(snapshot: Snapshot[Any], now: float) -> float:
    if snapshot.fetching_since is not None:
        return min(max((now - snapshot.fetching_since) / 2, _FIRST_LOOK), _LONGEST_LOOK)
    return max(snapshot.next_attempt_at - now, 0.0) + TICK_MARGIN
