import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEPT = 20_000


@dataclass(frozen=True)
class LoggedRequest:
    """A request as it arrived: `at` in `time.monotonic()` seconds, no status while in progress."""

    at: float
    path: str
    query: str
    status: int | None = None


class RequestLog:
    """Remembers the last 20,000 requests, also those that are refused by login or a fault."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._requests: OrderedDict[int, LoggedRequest] = OrderedDict()
        self._arrived = 0

    def snapshot(self) -> tuple[LoggedRequest, ...]:
        """Return the requests so far in the order of their arrival; any thread may ask."""
        with self._lock:
            return tuple(self._requests.values())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = self._arrive(scope)

        async def send_and_note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answered(number, message["status"])
            await send(message)

        await self._app(scope, receive, send_and_note)

    def _arrive(self, scope: Scope) -> int:
        arrived = LoggedRequest(
            time.monotonic(), scope["path"], scope["query_string"].decode("latin-1")
        )
        with self._lock:
            self._arrived += 1
            self._requests[self._arrived] = arrived
            if len(self._requests) > _KEPT:
                self._requests.popitem(last=False)
            return self._arrived

    def _answered(self, number: int, status: int) -> None:
        with self._lock:
            if number in self._requests:
                self._requests[number] = replace(self._requests[number], status=status)
