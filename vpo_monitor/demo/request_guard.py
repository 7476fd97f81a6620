import time
from collections.abc import Awaitable, Callable
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from . import responses
from .clock import utc_now
from .faults import Fault, Faults
from .limits import RateWindow, token_matches
from .malformed import malform

Handler = Callable[[Request], Response]
Endpoint = Callable[[Request], Awaitable[Response]]

_OPEN_ROUTES = frozenset({"health", "about"})  # outside login and rate limit
_WINDOW_SECONDS = 60.0


class RequestGuard:
    """What stands before every route: faults, login and rate limit, in the order of a real VPO."""

    def __init__(
        self,
        faults: Faults,
        *,
        token: str | None,
        rate_limit: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._faults = faults
        self._token = token
        self._window = rate_limit and RateWindow(rate_limit, _WINDOW_SECONDS, clock)

    def guard(self, route: str, handler: Handler) -> Endpoint:
        """Return an endpoint that lets only what may pass reach the handler."""

        async def endpoint(request: Request) -> Response:
            faults = self._faults
            if slow := faults.on(Fault.SLOW, route):
                await faults.wait(Fault.SLOW, slow.seconds)
            refusal = self._refusal(route, request)
            if refusal is not None:
                return refusal
            held = faults.on(Fault.DATABASE_LOCKED, route)
            if held and not await faults.wait(Fault.DATABASE_LOCKED, held.seconds):
                return responses.internal_error()
            answer = handler(request)
            answer.headers["Date"] = format_datetime(utc_now(), usegmt=True)
            malformed = faults.on(Fault.MALFORMED, route)
            return malform(answer, malformed.kind) if malformed else answer

        return endpoint

    def _refusal(self, route: str, request: Request) -> Response | None:
        faults = self._faults
        if route != "health" and faults.on(Fault.SHUTTING_DOWN, route):
            return responses.shutting_down()
        if faults.on(Fault.UNAUTHORIZED, route):
            return responses.unauthorized()
        if limited := faults.on(Fault.RATE_LIMITED, route):
            return responses.rate_limited(limited.retry_after)
        if route in _OPEN_ROUTES:
            return None
        if self._token and not token_matches(request.headers.get("authorization"), self._token):
            return responses.unauthorized()
        if self._window:
            client = request.client.host if request.client else ""
            if wait := self._window.wait_for(client):
                return responses.rate_limited(str(wait))
        return None
