"""How well the page is connected to the server, from the snapshots that it shows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vpo_monitor.api import errors
from vpo_monitor.api.models import Health
from vpo_monitor.polling.backoff import PATIENT_FAILURES
from vpo_monitor.polling.snapshot import Snapshot, State

SLOW_ANSWER = 3.0
"""Seconds after which an answer on its way is worth a word; a healthy VPO takes milliseconds."""


class Connection(StrEnum):
    """The word on the badge."""

    CONNECTING = "Connecting"
    LIVE = "Live"
    FINISHED = "Finished"
    RECONNECTING = "Reconnecting"
    OFFLINE = "Offline"
    PAUSED = "Paused"
    LOGIN_NEEDED = "Login needed"


@dataclass(frozen=True)
class Report:
    """What the badge says: `age` of the oldest data and `next_attempt_in`, both in seconds."""

    connection: Connection
    age: float | None
    next_attempt_in: float | None
    sentence: str | None = None


DATABASE_HELD = (
    "A running job holds VPO's database, so jobs and statistics cannot be read. What is shown is "
    "the last that is known; counts and logs stay live, and the rest returns when that job ends."
)
SLOW = "VPO is taking long to answer. What is shown is the last that is known."
SHUTTING_DOWN = "VPO is shutting down. The page comes back by itself when VPO does."


def report(
    snapshots: Sequence[Snapshot[Any]], health: Snapshot[Health], now: float, *, polling: bool
) -> Report:
    """Sum up what a page shows; `polling` is false where the viewer or a setting paused it."""
    shown = snapshots or (health,)
    ages = [age for snapshot in shown if (age := snapshot.age(now)) is not None]
    next_attempt = min((s.next_attempt_at for s in shown), default=math.inf)
    failed = [s for s in (*shown, health) if s.error and not isinstance(s.error, _ANSWERS)]
    is_slow = any(
        s.fetching_since is not None and now - s.fetching_since > SLOW_ANSWER for s in shown
    )
    connection = _connection(shown, failed, polling=polling, settled=math.isinf(next_attempt))
    if is_slow and connection in (Connection.LIVE, Connection.PAUSED, Connection.FINISHED):
        connection = Connection.RECONNECTING
    return Report(
        connection,
        age=max(ages) if ages else None,
        next_attempt_in=None if math.isinf(next_attempt) else max(0.0, next_attempt - now),
        sentence=_sentence(failed, health) or (SLOW if is_slow else None),
    )


_ANSWERS = (errors.NotFound, errors.BadRequest)


def _connection(
    shown: Sequence[Snapshot[Any]],
    failed: Sequence[Snapshot[Any]],
    *,
    polling: bool,
    settled: bool,
) -> Connection:
    if any(snapshot.state is State.STOPPED for snapshot in failed):
        return Connection.LOGIN_NEEDED
    if failed:
        reachable = any(s.state is State.OK for s in shown) or any(
            not isinstance(s.error, errors.Unreachable) for s in failed
        )
        lasting = max(s.failures for s in failed) > PATIENT_FAILURES
        return Connection.OFFLINE if lasting and not reachable else Connection.RECONNECTING
    if not polling:
        return Connection.PAUSED
    if any(s.state is State.WAITING for s in shown):
        return Connection.CONNECTING
    return Connection.FINISHED if settled else Connection.LIVE


def _sentence(failed: Sequence[Snapshot[Any]], health: Snapshot[Health]) -> str | None:
    if not failed:
        if health.data is not None and health.data.shutting_down:
            return SHUTTING_DOWN
        return None
    is_held = any(isinstance(s.error, errors.ServerBusy | errors.TimedOut) for s in failed)
    if is_held and health.state is State.OK:
        return DATABASE_HELD
    return str(failed[0].error)
