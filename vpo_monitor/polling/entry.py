"""What the poller knows of one query, and how long it may overtake others."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vpo_monitor.api import errors
from vpo_monitor.polling.need import Need
from vpo_monitor.polling.queries import FIRST_IN_LINE, Query

T = TypeVar("T")

_HEAD_START = 30.0
"""Seconds by which a query may overtake; one that waits longer is overtaken no more."""
_PATIENT_HEAD_START = 20.0
"""Seconds; patient work has waited its part before it comes to this line."""
_BACKGROUND_DELAY = 60.0
_WANTED_FOR = 10.0
_INEXACT = 0.005
"""Seconds by which the moment of an answer that another process asked for may be wrong."""
_SLOW_ANSWER = 1.0


@dataclass
class Entry(Generic[T]):
    """One query. `answered_at` counts a 404 as an answer too, and `heard_at` any failure.

    Its readers want it no older than `max_age` seconds, and newer than `newer_than`. It is left
    alone until `postponed_until`, as no request was free for it.
    """

    query: Query[T]
    last_read: float
    data: T | None = None
    fetched_at: float | None = None
    answered_at: float = -math.inf
    error: errors.VpoError | None = None
    wanted_since: float | None = None
    fetching_since: float | None = None
    max_age: float = math.inf
    newer_than: float = -math.inf
    heard_at: float = -math.inf
    postponed_until: float = -math.inf
    revision: int = 0
    """Increases when an answer differs from the one before."""

    def want(self, now: float, max_age: float, newer_than: float) -> None:
        """Have it asked for, if it is not yet, so that it suits one more reader."""
        if self.wanted_since is None:
            self.wanted_since, self.max_age = now, max_age
        self.max_age = min(self.max_age, max_age)
        self.newer_than = max(self.newer_than, newer_than)

    def begin(self, now: float, keep: int, retried_at: float) -> Need:
        """Begin to fetch it; what that needs, where a viewer wanted all anew at `retried_at`.

        What is known already, be it a failure, is no answer to it, whoever asked for it. What is
        good for ever once it is known must be asked for after it was wanted: nothing else would
        show that a log or a list has changed since somebody looked at it.
        """
        wanted_since = now if self.wanted_since is None else self.wanted_since
        self.wanted_since, self.fetching_since = None, now
        not_before = max(self.newer_than, self.heard_at - _INEXACT, retried_at)
        if math.isinf(self.max_age):
            not_before = max(not_before, wanted_since - _INEXACT)
        return Need(wanted_since, self.max_age, not_before, keep, asked_at=now)

    def postpone(self, need: Need, until: float) -> None:
        """Let it wait on in its old place in the line."""
        self.fetching_since, self.wanted_since = None, need.wanted_since
        self.postponed_until = until


def place_in_line(entry: Entry[Any]) -> float:
    """When the query's turn comes, compared with others: the smaller the sooner."""
    if entry.query.is_background:
        head_start = -_BACKGROUND_DELAY
    elif entry.query.is_patient:
        head_start = _PATIENT_HEAD_START
    else:
        head_start = _HEAD_START if entry.query.route in FIRST_IN_LINE else 0.0
    return (entry.wanted_since or 0.0) - head_start


def is_wanted(entry: Entry[Any], now: float) -> bool:
    """Whether the query waits for its turn, and its readers are still there."""
    return entry.wanted_since is not None and now - entry.last_read <= _WANTED_FOR


def is_slow(entries: Iterable[Entry[Any]], now: float) -> bool:
    """Whether an answer is on its way for so long that waiting for one is in vain."""
    return any(
        not entry.query.is_background
        and entry.fetching_since is not None
        and now - entry.fetching_since > _SLOW_ANSWER
        for entry in entries
    )


def is_followed(entries: Iterable[Entry[Any]], now: float) -> bool:
    """Whether patient work that a viewer follows is under way, step by step."""
    return any(
        entry.query.is_patient
        and not entry.query.is_background
        and (entry.fetching_since is not None or is_wanted(entry, now))
        for entry in entries
    )
