import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

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

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: OrderedDict[int, LoggedRequest] = OrderedDict()
        self._arrived = 0

    def snapshot(self) -> tuple[LoggedRequest, ...]:
        """Return the requests so far in the order of their arrival; any thread may ask."""
        with self._lock:
            return tuple(self._requests.values())

    def add(self, target: str) -> int:
        """Note a request for this path and query, and return its number."""
        parts = urlsplit(target)
        arrived = LoggedRequest(time.monotonic(), unquote(parts.path), parts.query)
        with self._lock:
            self._arrived += 1
            self._requests[self._arrived] = arrived
            if len(self._requests) > _KEPT:
                self._requests.popitem(last=False)
            return self._arrived

    def answered(self, number: int, status: int) -> None:
        """Note the status of a request's answer."""
        with self._lock:
            if number in self._requests:
                self._requests[number] = replace(self._requests[number], status=status)
