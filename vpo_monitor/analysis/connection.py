"""The connection state of a page, derived from its snapshots."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vpo_monitor.api import errors
from vpo_monitor.api.models import Health
from vpo_monitor.polling.limits import PATIENT_FAILURES
from vpo_monitor.polling.snapshot import Snapshot, State

SLOW_ANSWER = 3.0
"""Seconds before a pending request is reported as slow; a healthy VPO takes milliseconds."""
STALE_INTERVALS = 2
"""Data older than this many poll intervals is stale."""


class Connection(StrEnum):
    """The connection state, as shown on the badge."""

    CONNECTING = "Connecting"
    LIVE = "Live"
    IDLE = "Idle"
    FINISHED = "Finished"
    FAILED = "Failed"  # finished, but the page's job failed
    SLOW = "Slow"
    DATABASE_LOCKED = "Database locked"
    RATE_LIMITED = "Rate limited"
    SHUTTING_DOWN = "Shutting down"
    RECONNECTING = "Reconnecting"
    OFFLINE = "Offline"
    PAUSED = "Paused"
    TOKEN_REJECTED = "Token rejected"  # noqa: S105 - a label, not a password

    @property
    def is_failure(self) -> bool:
        """Whether the viewer may want to retry now."""
        return self in _FAILURES


_FAILURES = frozenset(
    {
        Connection.DATABASE_LOCKED,
        Connection.RATE_LIMITED,
        Connection.SHUTTING_DOWN,
        Connection.RECONNECTING,
        Connection.OFFLINE,
        Connection.TOKEN_REJECTED,
    }
)


@dataclass(frozen=True)
class Report:
    """The contents of the badge.

    `age` is the data's age in seconds: of the oldest if some is stale, else of the data polled most
    often. `next_attempt_in` is in seconds, or None if no request is planned. `sentence` is shown on
    the page. `remark` is short-lived and shown beside the badge, where it does not move the page.
    `stale_in` and `counts_stale_in` are the seconds until the data and the health's counts are
    stale: negative if they already are, None if they never will be.
    """

    connection: Connection
    age: float | None
    next_attempt_in: float | None
    sentence: str | None = None
    remark: str | None = None
    stale_in: float | None = None
    counts_stale_in: float | None = None

    @property
    def is_stale(self) -> bool:
        """Whether some data is older than it should ever get."""
        return self.stale_in is not None and self.stale_in < 0


DATABASE_LOCKED = (
    "A running job has locked VPO's database. Until it finishes, only counts and logs are live; "
    "the rest is the last known data."
)
SHUTTING_DOWN = "VPO is shutting down. This page reconnects when VPO is back."
SLOW = "VPO is slow to respond"
THROTTLED = "throttled by the request limit"


def report(
    snapshots: Sequence[Snapshot[Any]],
    health: Snapshot[Health],
    now: float,
    *,
    polling: bool,
    is_idle: bool = False,
) -> Report:
    """Summarize the snapshots of a page.

    `polling` is false if the viewer or a setting paused it. `is_idle` is true if the server's
    health shows no work; the health's age is then the age of the page.
    """
    shown = snapshots or (health,)
    next_attempt = min(s.next_attempt_at for s in (*shown, *_failed([health])))
    stale = [s for s in shown if (left := _stale_in([s], now)) is not None and left < 0]
    connection = _connection(shown, health, now, polling=polling)
    if connection is Connection.LIVE and is_idle and not stale:
        connection, next_attempt = Connection.IDLE, health.next_attempt_at
        age = _age([health], now)
    else:
        if connection is Connection.LIVE and stale:
            connection = Connection.SLOW
        soonest = min(s.max_age for s in shown)
        age = _age(stale or [s for s in shown if s.max_age == soonest], now)
    return Report(
        connection,
        age=age,
        next_attempt_in=None if next_attempt == math.inf else max(0.0, next_attempt - now),
        sentence=_sentence(connection, _failed((*shown, health))),
        remark=_remark(connection, shown, now),
        stale_in=_stale_in(shown, now),
        counts_stale_in=_stale_in([health], now),
    )


def _age(snapshots: Sequence[Snapshot[Any]], now: float) -> float | None:
    ages = [age for snapshot in snapshots if (age := snapshot.age(now)) is not None]
    return max(ages, default=None)


def _stale_in(snapshots: Sequence[Snapshot[Any]], now: float) -> float | None:
    """Return the seconds until the first snapshot is stale; None if none ever will be."""
    left = [
        STALE_INTERVALS * snapshot.max_age - age
        for snapshot in snapshots
        if (age := snapshot.age(now)) is not None and not math.isinf(snapshot.max_age)
    ]
    return min(left, default=None)


def _failed(snapshots: Sequence[Snapshot[Any]]) -> list[Snapshot[Any]]:
    """Return the snapshots whose last attempt failed; a missing resource is not a failure."""
    return [s for s in snapshots if s.error and not isinstance(s.error, errors.ANSWERS)]


def _connection(
    shown: Sequence[Snapshot[Any]], health: Snapshot[Health], now: float, *, polling: bool
) -> Connection:
    failed = _failed((*shown, health))
    if failed:
        return _failure(shown, failed, health)
    if health.data is not None and health.data.shutting_down:
        return Connection.SHUTTING_DOWN
    if _is_slow(shown, now):
        return Connection.SLOW
    if not polling:
        return Connection.PAUSED
    if any(s.state is State.WAITING for s in shown):
        return Connection.CONNECTING
    is_settled = all(s.next_attempt_at == math.inf for s in shown)
    return Connection.FINISHED if is_settled else Connection.LIVE


def _is_slow(snapshots: Sequence[Snapshot[Any]], now: float) -> bool:
    """Whether a request has been pending for long."""
    return any(
        s.fetching_since is not None and now - s.fetching_since > SLOW_ANSWER for s in snapshots
    )


def _remark(connection: Connection, shown: Sequence[Snapshot[Any]], now: float) -> str | None:
    if connection is not Connection.SLOW:
        return None
    return SLOW if _is_slow(shown, now) else THROTTLED


def _failure(
    shown: Sequence[Snapshot[Any]], failed: Sequence[Snapshot[Any]], health: Snapshot[Health]
) -> Connection:
    failures = [s.error for s in failed]

    def is_any(*kinds: type[errors.VpoError]) -> bool:
        return any(isinstance(error, kinds) for error in failures)

    if any(snapshot.state is State.STOPPED for snapshot in failed):
        return Connection.TOKEN_REJECTED
    if is_any(errors.Unavailable) or (health.data and health.data.shutting_down):
        return Connection.SHUTTING_DOWN
    if is_any(errors.ServerBusy, errors.TimedOut) and health.state is State.OK:
        return Connection.DATABASE_LOCKED
    if is_any(errors.RateLimited):
        return Connection.RATE_LIMITED
    is_reachable = any(s.state is State.OK for s in shown) or not is_any(errors.Unreachable)
    is_lasting = max(s.failures for s in failed) > PATIENT_FAILURES
    return Connection.OFFLINE if is_lasting and not is_reachable else Connection.RECONNECTING


def _sentence(connection: Connection, failed: Sequence[Snapshot[Any]]) -> str | None:
    match connection:
        case Connection.DATABASE_LOCKED:
            return DATABASE_LOCKED
        case Connection.SHUTTING_DOWN:
            return SHUTTING_DOWN
    return str(failed[0].error) if failed else None
