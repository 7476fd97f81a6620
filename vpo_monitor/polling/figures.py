"""The state of the polling in numbers: requests sent, budget left, and what is held back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vpo_monitor.api import errors
from vpo_monitor.polling.entry import Entry
from vpo_monitor.polling.limits import Budget, CircuitBreakers
from vpo_monitor.polling.queries import Route


class Outcome(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    UNAUTHORIZED = "unauthorized"
    SERVER_BUSY = "server_busy"
    BAD_RESPONSE = "bad_response"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


_OUTCOMES: dict[type[errors.VpoError], Outcome] = {
    errors.NotFound: Outcome.NOT_FOUND,
    errors.BadRequest: Outcome.BAD_REQUEST,
    errors.Unreachable: Outcome.UNREACHABLE,
    errors.TimedOut: Outcome.TIMED_OUT,
    errors.Unauthorized: Outcome.UNAUTHORIZED,
    errors.ServerBusy: Outcome.SERVER_BUSY,
    errors.RateLimited: Outcome.RATE_LIMITED,
    errors.Unavailable: Outcome.UNAVAILABLE,
}


def outcome(error: errors.VpoError | None) -> Outcome:
    """Return how a request ended that failed with this error, or with none."""
    if error is None:
        return Outcome.ANSWERED
    return _OUTCOMES.get(type(error), Outcome.BAD_RESPONSE)


@dataclass(frozen=True)
class RouteFigures:
    """One route, in seconds.

    `age` is that of the newest data that is held, None if there is none. `opens_in` is how long
    some request of the route must wait because of failures: 0 if none must, infinite while the
    token is rejected. `failures` are those in a row of what holds it back. `error` is why the last
    attempt of one of its queries failed, until that query succeeds.
    """

    age: float | None
    opens_in: float
    failures: int
    error: errors.VpoError | None


@dataclass(frozen=True)
class Figures:
    """All of it at one moment.

    `requests` counts those that have ended since the process began, by route and outcome.
    `budget_left` of at most `budget_burst` requests may be sent now.
    """

    routes: Mapping[Route, RouteFigures]
    requests: Mapping[tuple[Route, Outcome], int]
    budget_left: float
    budget_burst: float


def figures_of(
    entries: Iterable[Entry[Any]],
    breakers: CircuitBreakers,
    budget: Budget,
    requests: Mapping[tuple[Route, Outcome], int],
    now: float,
) -> Figures:
    """Return the figures at `now` by the poller's clock, whose lock must be held."""
    newest: dict[Route, float] = {}
    last_errors: dict[Route, errors.VpoError] = {}
    for entry in sorted(entries, key=lambda entry: entry.heard_at):
        route = entry.query.route
        if entry.error is not None and not isinstance(entry.error, errors.ANSWERS):
            last_errors[route] = entry.error
        if entry.fetched_at is not None:
            newest[route] = max(entry.fetched_at, newest.get(route, entry.fetched_at))
    routes = {}
    for route in Route:
        opens_at, failures = breakers.figures(route)
        age = max(0.0, now - newest[route]) if route in newest else None
        routes[route] = RouteFigures(
            age, max(0.0, opens_at - now), failures, last_errors.get(route)
        )
    return Figures(
        routes=routes,
        requests=dict(requests),
        budget_left=budget.left(now),
        budget_burst=budget.burst,
    )
