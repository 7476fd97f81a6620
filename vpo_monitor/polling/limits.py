"""What limits the requests: the budget, the backoff after failures, and the circuit breakers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vpo_monitor.api import errors
from vpo_monitor.polling.bulk import BulkQuery
from vpo_monitor.polling.queries import UNLIMITED_ROUTES, Priority, Query, Route

WINDOW = 60.0
"""Seconds."""
_BURST_SHARE = 5
_RESERVED = {Priority.IN_VIEW: 0.0, Priority.BULK: 0.5, Priority.NICE_TO_HAVE: 0.75}
"""Parts of the burst that a priority leaves for higher ones."""
PATIENT_FAILURES = 2
"""Failures in a row after which the interval is still the normal one: a blip is no outage."""
FIRST_DELAY = 10.0
MAX_DELAY = 120.0
JITTER = 0.1
MAX_RETRY_AFTER = 3600.0
"""Seconds; more would stop the page for good because of one odd header."""


class Budget:
    """A token bucket: at most `per_minute` requests in any 60 s, and a fifth of them at once.

    A page that opens needs several at once. The rest is spread evenly, so that a short budget slows
    every query a little instead of stopping all for a minute. It begins with `tokens` requests, by
    default with those. Not thread-safe.
    """

    def __init__(self, per_minute: int, tokens: float | None = None) -> None:
        self.per_minute = max(1, per_minute)
        self.burst = max(1.0, self.per_minute // _BURST_SHARE)
        # The most that fits in a window is a full bucket and what flows in meanwhile.
        self.per_second = max(self.per_minute - self.burst, 0.5) / WINDOW
        self._tokens = self.burst if tokens is None else max(0.0, min(self.burst, tokens))
        self._filled_at: float | None = None
        self._paused_until = dict.fromkeys(Priority, float("-inf"))

    def reserve(self, priority: Priority) -> int:
        """Return how many requests this priority leaves for higher ones."""
        return int(self.burst * _RESERVED[priority])

    def take(self, now: float, priority: Priority = Priority.IN_VIEW) -> bool:
        """Spend one request if that leaves enough for higher priorities."""
        self._fill(now)
        if now < self._paused_until[priority] or self._tokens < 1 + self.reserve(priority):
            return False
        self._tokens -= 1
        return True

    def refund(self) -> None:
        """Take back a request that was not sent."""
        self._tokens = min(self.burst, self._tokens + 1)

    def pause(self, until: float, priority: Priority = Priority.IN_VIEW) -> None:
        """Spend nothing for this and lower priorities before `until`."""
        for paused in Priority:
            if paused >= priority:
                self._paused_until[paused] = max(until, self._paused_until[paused])

    def wait(self, now: float, ahead: int = 0, priority: Priority = Priority.IN_VIEW) -> float:
        """Return the seconds until a request can be spent that has `ahead` others before it."""
        self._fill(now)
        missing = ahead + 1 + self.reserve(priority) - self._tokens
        return max(0.0, missing / self.per_second, self._paused_until[priority] - now)

    def left(self, now: float) -> float:
        """Return how many requests may be sent at once now; fractions accumulate."""
        self._fill(now)
        return self._tokens

    def _fill(self, now: float) -> None:
        if self._filled_at is not None:
            elapsed = max(0.0, now - self._filled_at)
            self._tokens = min(self.burst, self._tokens + elapsed * self.per_second)
        self._filled_at = now


@dataclass
class Backoff:
    """The failures in a row of one thing, and when it may be tried again.

    `random` returns numbers from 0 to 1. Times are the caller's clock, in seconds.
    """

    random: Callable[[], float]
    failures: int = 0
    next_attempt_at: float = field(default=float("-inf"))
    _failed_at: float = field(default=float("-inf"))
    _closed_until: float = field(default=float("-inf"))  # as the server asked

    def failed(
        self,
        now: float,
        interval: float,
        retry_after: float | None = None,
        *,
        asked_at: float | None = None,
    ) -> float:
        """Count a failure and return the time of the next attempt.

        A request that was sent (`asked_at`) before the last failure was known is part of that
        failure: it doesn't delay the next attempt, unless the server asks for that.

        The first two failures wait `interval`, the third 10 s, then doubling up to 120 s, each
        ±10 % at random but never above 120 s or below `interval`. The server's `retry_after` is
        obeyed instead, up to an hour and not below `interval`.
        """
        is_part = self.failures > 0 and asked_at is not None and asked_at < self._failed_at
        if is_part and retry_after is None:
            return self.next_attempt_at
        self._failed_at = now
        self.failures += not is_part
        if retry_after is not None:
            delay = min(retry_after, MAX_RETRY_AFTER)
        elif self.failures <= PATIENT_FAILURES:
            delay = interval
        else:
            doublings = min(self.failures - PATIENT_FAILURES - 1, 10)  # 10 s · 2¹⁰ is past any cap
            spread = 1 + JITTER * (2 * self.random() - 1)
            delay = min(FIRST_DELAY * 2**doublings * spread, MAX_DELAY)
        self.next_attempt_at = now + max(delay, interval)
        if retry_after is not None:
            self._closed_until = now + delay
        return self.next_attempt_at

    def succeeded(self) -> None:
        """Forget all failures."""
        self.failures = 0
        self.next_attempt_at = self._closed_until = float("-inf")

    def try_now(self) -> None:
        """Allow the next attempt at once, or when the server's wait ends; keep the failures."""
        self.next_attempt_at = self._closed_until


_PARALLEL = 4
"""Requests of one route at once: job routes can hang for 10 s, and must not take all threads."""


@dataclass
class _Breaker(Backoff):
    """A backoff that remembers the last failure; closed while `error` is None."""

    error: errors.VpoError | None = None

    def trip(
        self, error: errors.VpoError, now: float, interval: float, asked_at: float | None
    ) -> None:
        """Count a failure, which holds back requests until `next_attempt_at`."""
        self.error = error
        self.failed(now, interval, _retry_after(error), asked_at=asked_at)

    def succeeded(self) -> None:
        """Close again."""
        super().succeeded()
        self.error = None


class CircuitBreakers:
    """Decides whether a query may be sent now, from how it and others have failed.

    A failing query holds back only itself, and bulk work that skips failures waits one interval.
    A route is held back if different queries in view have failed and none has succeeded since, or
    if the server sent `Retry-After`. An unreachable server holds back all routes, and its rate
    limit all that it covers. A rejected token stops everything until `retry_all`. Not thread-safe.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._connection = _Breaker(random)
        self._rate_limit = _Breaker(random)
        self._routes = {route: _Breaker(random) for route in Route}
        self._queries: dict[Query[Any], _Breaker] = {}
        self._failed_since_success: dict[Route, set[Query[Any]]] = {route: set() for route in Route}
        self._login_error: errors.Unauthorized | None = None

    @property
    def error_for_all(self) -> errors.VpoError | None:
        """What holds back every route, also those that have not been requested since."""
        return self._login_error or self._connection.error

    @property
    def is_connection_down(self) -> bool:
        """Whether the last attempt could not connect; then one request for all is enough."""
        return self._connection.error is not None

    def figures(self, route: Route) -> tuple[float, int]:
        """The time from which all requests of a route may be sent, and the failures in a row."""
        breakers = self._shared(route)
        breakers += [own for query, own in self._queries.items() if query.route is route]
        return self._opens_at(breakers), max(breaker.failures for breaker in breakers)

    def error(self, route: Route) -> errors.VpoError | None:
        """Why requests of the route are held back, whichever query failed; None if they aren't."""
        limit = None if route in UNLIMITED_ROUTES else self._rate_limit.error
        return self.error_for_all or limit or self._routes[route].error

    def opens_at(self, query: Query[Any]) -> float:
        """The time from which the query may be sent; infinite while the token is rejected."""
        return self._opens_at(self._concerning(query))

    def failures(self, query: Query[Any]) -> int:
        """Failures in a row of whatever holds the query back."""
        return max(breaker.failures for breaker in self._concerning(query))

    def parallel(self, route: Route) -> int:
        """How many requests of the route may run at once: one while it is held back."""
        return 1 if self._routes[route].failures else _PARALLEL

    def succeeded(self, query: Query[Any]) -> None:
        """A request was answered."""
        for breaker in self._concerning(query):
            breaker.succeeded()
        self._failed_since_success[query.route].clear()
        self._queries.pop(query, None)

    def failed(
        self,
        query: Query[Any],
        error: errors.VpoError,
        now: float,
        interval: float,
        *,
        asked_at: float | None = None,
    ) -> None:
        """A request failed that was sent at `asked_at`.

        Of requests that were on their way together, all failures count as one.
        """
        if isinstance(error, errors.ANSWERS):
            self.succeeded(query)
            return
        if isinstance(error, errors.Unreachable):
            self._connection.trip(error, now, interval, asked_at)
            return
        self._connection.succeeded()
        if isinstance(error, errors.Unauthorized):
            self._login_error = error
            return
        is_limited = query.route not in UNLIMITED_ROUTES
        if is_limited and isinstance(error, errors.RateLimited):
            self._rate_limit.trip(error, now, interval, asked_at)
            return
        if is_limited and asked_at is not None and asked_at >= self._rate_limit.next_attempt_at:
            self._rate_limit.succeeded()  # it was sent after that wait, and met something else
        own = self._queries.setdefault(query, _Breaker(self._random))
        own.trip(error, now, interval, asked_at)
        if isinstance(query, BulkQuery) and query.skips_failures:
            own.failures = 1  # the next request is another one
        failed = self._failed_since_success[query.route]
        if query.priority is Priority.IN_VIEW:
            failed.add(query)
        if (query in failed and len(failed) > 1) or _retry_after(error) is not None:
            self._routes[query.route].trip(error, now, interval, asked_at)

    def is_holding_back(self, now: float) -> bool:
        """Whether some request must wait because of failures."""
        breakers = (self._connection, self._rate_limit, *self._routes.values())
        return self._login_error is not None or any(
            breaker.next_attempt_at > now for breaker in (*breakers, *self._queries.values())
        )

    def retry_all(self) -> None:
        """Let everything be tried once more now, as a viewer asked; failures stay counted.

        A server's `Retry-After` is obeyed all the same.
        """
        self._login_error = None
        shared = (self._connection, self._rate_limit)
        for breaker in (*shared, *self._routes.values(), *self._queries.values()):
            breaker.try_now()

    def forget(self, query: Query[Any]) -> None:
        """Drop what is known of a query that nobody reads."""
        self._queries.pop(query, None)
        self._failed_since_success[query.route].discard(query)

    def _concerning(self, query: Query[Any]) -> list[_Breaker]:
        breakers = self._shared(query.route)
        if self._queries and query in self._queries:
            breakers.append(self._queries[query])
        return breakers

    def _shared(self, route: Route) -> list[_Breaker]:
        if route in UNLIMITED_ROUTES:
            return [self._connection, self._routes[route]]
        return [self._connection, self._routes[route], self._rate_limit]

    def _opens_at(self, breakers: list[_Breaker]) -> float:
        if self._login_error is not None:
            return float("inf")
        return max(breaker.next_attempt_at for breaker in breakers)


def _retry_after(error: errors.VpoError) -> float | None:
    """Seconds for which the server asks to be left alone."""
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        return error.retry_after
    return None
