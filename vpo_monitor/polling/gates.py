"""Which failures hold back which routes."""

from collections.abc import Callable

from vpo_monitor.api import errors
from vpo_monitor.polling.backoff import Backoff
from vpo_monitor.polling.queries import UNLIMITED_ROUTES, Route

_PARALLEL = 4
"""Requests of one route at once: job routes can hang for 10 s, and must not take all threads."""
_ANSWERS = (errors.NotFound, errors.BadRequest)
"""Errors that are an answer: the route works, and asking again would change nothing."""


class Gates:
    """Decides whether a route may be asked now, from how it and the whole server have failed.

    One backoff for each route, as the real server fails one while another works; one for the
    connection, which counts for all; one for the server's rate limit, which counts for all that it
    covers. A refused login closes everything until `open_all`. Not safe for several threads.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._routes = {route: Backoff(random) for route in Route}
        self._connection = Backoff(random)
        self._limit = Backoff(random)
        self._limit_error: errors.RateLimited | None = None
        self._route_errors: dict[Route, errors.VpoError] = {}
        self._connection_error: errors.Unreachable | None = None
        self._login_error: errors.Unauthorized | None = None

    @property
    def error_for_all(self) -> errors.Unauthorized | errors.Unreachable | None:
        """What holds back every route, also those that have not been asked since."""
        return self._login_error or self._connection_error

    def error(self, route: Route) -> errors.VpoError | None:
        """Why the route's last attempt failed, whichever query made it; None where it works."""
        limit = None if route in UNLIMITED_ROUTES else self._limit_error
        return self.error_for_all or limit or self._route_errors.get(route)

    def opens_at(self, route: Route) -> float:
        """The time from which the route may be asked; infinite while the login is refused."""
        if self._login_error is not None:
            return float("inf")
        return max(backoff.next_attempt_at for backoff in self._concerning(route))

    def parallel(self, route: Route) -> int:
        """How many requests of the route may run at once: one while it is failing."""
        return 1 if self._routes[route].failures else _PARALLEL

    @property
    def is_connection_down(self) -> bool:
        """Whether the last attempt could not connect; then one request for all is enough."""
        return self._connection_error is not None

    def failures(self, route: Route) -> int:
        """Failures in a row of whatever holds the route back."""
        return max(backoff.failures for backoff in self._concerning(route))

    def succeeded(self, route: Route) -> None:
        """A request of the route was answered."""
        self._connection_error = None
        self._route_errors.pop(route, None)
        if route not in UNLIMITED_ROUTES:
            self._limit_error = None
        for backoff in self._concerning(route):
            backoff.succeeded()

    def failed(
        self,
        route: Route,
        error: errors.VpoError,
        now: float,
        interval: float,
        *,
        asked_at: float | None = None,
    ) -> None:
        """A request of the route failed that was sent at `asked_at`.

        Of requests that were on their way together, all failures count as one.
        """
        if isinstance(error, _ANSWERS):
            self.succeeded(route)
            return
        if isinstance(error, errors.Unreachable):
            self._connection_error = error
            self._connection.failed(now, interval, asked_at=asked_at)
            return
        self._connection_error = None
        self._connection.succeeded()
        if isinstance(error, errors.Unauthorized):
            self._login_error = error
            return
        retry_after = None
        if isinstance(error, errors.RateLimited | errors.Unavailable):
            retry_after = error.retry_after
        if isinstance(error, errors.RateLimited) and route not in UNLIMITED_ROUTES:
            self._limit_error = error
            self._limit.failed(now, interval, retry_after, asked_at=asked_at)
        else:
            was_free = asked_at is not None and asked_at >= self._limit.next_attempt_at
            if route not in UNLIMITED_ROUTES and was_free:
                self._limit_error = None  # it was sent after that wait, and met something else
                self._limit.succeeded()
            self._route_errors[route] = error
            self._routes[route].failed(now, interval, retry_after, asked_at=asked_at)

    def open_all(self) -> None:
        """Let everything be tried once more now, as a viewer asked; failures stay counted.

        What the server has asked to be left alone for a time stays so.
        """
        self._login_error = None
        for backoff in (*self._routes.values(), self._connection, self._limit):
            backoff.try_now()

    def _concerning(self, route: Route) -> tuple[Backoff, ...]:
        if route in UNLIMITED_ROUTES:
            return (self._routes[route], self._connection)
        return (self._routes[route], self._connection, self._limit)
