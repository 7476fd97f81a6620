"""Tells the log when a server, or one of its routes, stops answering and answers again."""

import logging
from dataclasses import dataclass, replace
from enum import StrEnum

from vpo_monitor.api import errors
from vpo_monitor.polling.queries import UNLIMITED_ROUTES, Route

_log = logging.getLogger(__name__)


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
    """Logs one line a change, however often the same is found out; not safe for several threads.

    A change is that the server or a route fails, fails for another reason, or answers again. The
    lines hold the checked address and the sentences of our own errors, and nothing that the server
    sent. `now` is the poller's clock, in seconds.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._outages: dict[_Whole | Route, _Outage] = {}
        self._bugs: set[tuple[str, str]] = set()

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
        """Something of ours failed. Its message may hold what the server sent: the type must do.

        Any thread may tell.
        """
        found = (sentence, type(error).__name__)
        if found not in self._bugs:
            self._bugs.add(found)
            _log.error("%s: %s", *found)

    def _begin(self, what: _Whole | Route, sentence: str, now: float) -> None:
        known = self._outages.get(what)
        if known is None or known.sentence != sentence:
            _log.warning("%s", sentence)
        known = known or _Outage(sentence, now)
        self._outages[what] = replace(known, sentence=sentence)

    def _end(self, what: _Whole | Route, now: float) -> None:
        outage = self._outages.pop(what, None)
        if outage is None:
            return
        server, took = f"VPO at {self._address}", now - outage.since
        if isinstance(what, Route):
            _log.warning("Fetching the %s from %s works again after %.0f s.", what, server, took)
        else:
            _log.warning("%s %s after %.0f s.", server, what, took)
