"""Tells the log when a server, or one of its routes, stops answering and answers again."""

import logging
from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum

from vpo_monitor.api import errors
from vpo_monitor.polling.queries import UNLIMITED_ROUTES, Route

_log = logging.getLogger(__name__)
_MOST_LINES = 100


class _Whole(StrEnum):
    """What can fail of a server as a whole, and what it does when that has ended."""

    CONNECTION = "responds again"
    LOGIN = "accepts the token again"
    LIMIT = "accepts requests again"


@dataclass(frozen=True)
class _Outage:
    sentence: str
    since: float


class Outages:
    """One log line per change, however often the same is noticed.

    The lines are written by `log`, for which the poller's lock must be free: a log handler may
    block. All else needs that lock.

    A change is that the server or a route fails, fails for another reason, or answers again. The
    lines hold the checked address and the sentences of our own errors, and nothing that the server
    sent. `now` is the poller's clock, in seconds.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._outages: dict[_Whole | Route, _Outage] = {}
        self._bugs: set[tuple[str, str]] = set()
        self._lines: deque[tuple[int, str]] = deque(maxlen=_MOST_LINES)

    def log(self) -> None:
        """Write the lines noted so far; for any thread."""
        while self._lines:
            try:
                level, line = self._lines.popleft()
            except IndexError:  # another thread has written it
                return
            _log.log(level, "%s", line)

    def failed(self, route: Route, error: errors.VpoError, now: float) -> None:
        """A request of the route failed."""
        if isinstance(error, errors.Unreachable):
            self._begin(_Whole.CONNECTION, str(error), now)
            return
        self._end(_Whole.CONNECTION, now)
        match error:
            case errors.Unauthorized():
                self._begin(_Whole.LOGIN, str(error), now)
            case errors.RateLimited():
                self._begin(_Whole.LIMIT, str(error), now)
            case _:
                self._begin(route, f"Fetching the {route} failed: {error}", now)

    def answered(self, route: Route, now: float) -> None:
        """A request of the route was answered."""
        self._end(_Whole.CONNECTION, now)
        if route not in UNLIMITED_ROUTES:
            self._end(_Whole.LOGIN, now)
            self._end(_Whole.LIMIT, now)
        self._end(route, now)

    def bug(self, sentence: str, error: Exception) -> None:
        """Note an error of the app itself, without its message, which may quote the server.

        Any thread may call it.
        """
        found = (sentence, type(error).__name__)
        if found not in self._bugs:
            self._bugs.add(found)
            self._lines.append((logging.ERROR, f"{sentence}: {type(error).__name__}"))

    def _begin(self, what: _Whole | Route, sentence: str, now: float) -> None:
        known = self._outages.get(what)
        if known is None or known.sentence != sentence:
            self._lines.append((logging.WARNING, sentence))
        known = known or _Outage(sentence, now)
        self._outages[what] = replace(known, sentence=sentence)

    def _end(self, what: _Whole | Route, now: float) -> None:
        outage = self._outages.pop(what, None)
        if outage is None:
            return
        server, seconds = f"VPO at {self._address}", f"{now - outage.since:.0f}"
        if isinstance(what, Route):
            line = f"Fetching the {what} from {server} works again after {seconds} s."
        else:
            line = f"{server} {what} after {seconds} s."
        self._lines.append((logging.WARNING, line))
