"""What the poller knows of one query, and which queries it forgets."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vpo_monitor.api import errors
from vpo_monitor.polling.bulk import BulkQuery, BulkRun
from vpo_monitor.polling.fetch_requirements import FetchRequirements
from vpo_monitor.polling.queries import Priority, Query

T = TypeVar("T")

RAISED_AFTER = 15.0
"""Seconds of waiting that raise a query's priority by one."""
FORGET_AFTER = 600.0
"""Seconds without a reader after which a query's data is forgotten."""
MOST = {Priority.IN_VIEW: 200, Priority.BULK: 12, Priority.NICE_TO_HAVE: 50}
"""Queries of each priority whose data is kept; that of bulk work may be large."""
_WANTED_FOR = 10.0
_INEXACT = 0.005
"""Seconds by which the time of an answer that another process requested may be wrong."""


@dataclass(eq=False)
class Entry(Generic[T]):
    """One query. `answered_at` counts a 404 as an answer too, and `heard_at` any failure.

    Its readers want it no older than `max_age` seconds, and newer than `newer_than`. `revision`
    increases when an answer differs from the one before. `run` is that of bulk work under way.
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
    revision: int = 0
    run: BulkRun[T] | None = None

    def want(self, now: float, max_age: float, newer_than: float) -> None:
        """Have it fetched, if it is not wanted yet, so that it suits one more reader."""
        if self.wanted_since is None:
            self.wanted_since, self.max_age = now, max_age
        self.max_age = min(self.max_age, max_age)
        self.newer_than = max(self.newer_than, newer_than)

    def is_wanted(self, now: float) -> bool:
        """Whether it waits for its turn, and its readers are still there."""
        return self.wanted_since is not None and now - self.last_read <= _WANTED_FOR

    def priority(self, now: float) -> Priority:
        """Its priority, raised by one for each `RAISED_AFTER` seconds of waiting."""
        if self.wanted_since is None or now - self.wanted_since < RAISED_AFTER:
            return self.query.priority
        raised = int((now - self.wanted_since) / RAISED_AFTER)
        return Priority(max(Priority.IN_VIEW, self.query.priority - raised))

    def begin(self, now: float, retried_at: float) -> FetchRequirements:
        """Begin to fetch it, after a viewer last wanted everything anew at `retried_at`.

        What is known already, be it a failure, doesn't answer it, whoever requested that. Data that
        never gets too old must be requested after it was wanted: nothing else would show that a log
        or a list has changed since.
        """
        wanted_since = now if self.wanted_since is None else self.wanted_since
        priority = self.priority(now)
        self.wanted_since, self.fetching_since = None, now
        not_before = max(self.newer_than, retried_at)
        if isinstance(self.query, BulkQuery) and self.query.reuse:
            return FetchRequirements(wanted_since, self.query.reuse, not_before, priority, now)
        not_before = max(not_before, self.heard_at - _INEXACT)
        if math.isinf(self.max_age):
            not_before = max(not_before, wanted_since - _INEXACT)
        return FetchRequirements(wanted_since, self.max_age, not_before, priority, now)

    def request(self) -> Query[Any]:
        """The query to send: bulk work's next one. May take long."""
        if not isinstance(self.query, BulkQuery):
            return self.query
        if self.run is not None:
            self.run.go_on()
        if self.run is None or self.run.is_done:
            self.run = BulkRun(self.query)
        return self.run.request or self.query

    def digest(self, answer: Any) -> T | None:
        """The data after an answer. May take long."""
        return answer if self.run is None else self.run.advance(answer)

    @property
    def skips_failures(self) -> bool:
        """Whether it is bulk work that goes on after a failed request with another."""
        return isinstance(self.query, BulkQuery) and self.query.skips_failures

    @property
    def is_complete(self) -> bool:
        """Whether no further request is needed to complete the data."""
        return self.run is None or self.run.is_complete

    def cancel(self, requirements: FetchRequirements) -> None:
        """Put it back in its old place in the line: the request could not be sent."""
        self.fetching_since, self.wanted_since = None, requirements.wanted_since


def to_forget(entries: Iterable[Entry[Any]], new: Query[Any], now: float) -> set[Query[Any]]:
    """Return the queries to be forgotten when `new` comes, never one that is being fetched.

    Those that nobody has read for long, and those of its priority that were read longest ago.
    """
    known = sorted(entries, key=lambda entry: entry.last_read)
    idle = [entry for entry in known if entry.fetching_since is None]
    surplus = sum(one.query.priority is new.priority for one in known) - MOST[new.priority] + 1
    alike = [entry.query for entry in idle if entry.query.priority is new.priority]
    old = {entry.query for entry in idle if now - entry.last_read > FORGET_AFTER}
    return old | set(alike[: max(0, surplus)])
