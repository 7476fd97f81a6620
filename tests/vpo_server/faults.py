import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypedDict, Unpack

ROUTES = frozenset(
    {"jobs", "job", "logs", "errors", "health", "about", "stats", "library", "plans", "config"}
)
MALFORMED_KINDS = (
    "html",
    "not_json",
    "cut_short",
    "wrong_shape",
    "bad_rows",
    "huge",
    "redirect",
)


class Fault(StrEnum):
    """What can be made to go wrong. Each lasts until it is cleared; several may last at once."""

    DATABASE_LOCKED = "database_locked"
    """A transcode holds the database: its readers wait `seconds` (10), then get a plain-text 500.

    Health and logs keep answering. Clearing it lets the waiting requests through at once."""

    RATE_LIMITED = "rate_limited"
    """429 for each request, as after the 121st in a minute.

    `retry_after` ("30") is the header's text, which may be any garbage; None leaves it out."""

    SHUTTING_DOWN = "shutting_down"
    """503, as between the operator's Ctrl-C and the end of the process; health is unhealthy."""

    SLOW = "slow"
    """A busy disk or network: each answer comes `seconds` (3) late."""

    REFUSED = "refused"
    """The process is gone: nobody listens on the port, open connections are closed.

    With `seconds` it listens again by itself after that time."""

    UNAUTHORIZED = "unauthorized"
    """The operator changed the token: 401 whatever is sent."""

    MALFORMED = "malformed"
    """A proxy or another program answers in place of VPO, or a VPO of another version.

    `kind` is one of `MALFORMED_KINDS`: "html" (a 200 page), "not_json", "cut_short" (the body ends
    before its Content-Length), "wrong_shape" (a list for an object and the reverse), "bad_rows"
    (rows among the good ones that lack fields, or hold null and garbage), "huge" (over 16 MB),
    "redirect" (302 to another host)."""


class FaultOptions(TypedDict, total=False):
    """Options of a fault; `routes` (names as in `ROUTES`) limits it to some it concerns."""

    seconds: float
    retry_after: str | int | None
    kind: str
    routes: Collection[str]


@dataclass(frozen=True, kw_only=True)
class ActiveFault:
    """A fault that is on, with its options."""

    routes: frozenset[str]
    seconds: float = 0.0
    retry_after: str | None = None
    kind: str = ""
    cleared: threading.Event = field(default_factory=threading.Event)


_DATABASE_READERS = frozenset({"jobs", "job", "errors", "stats", "library", "plans"})
_GUARDED = ROUTES - {"health", "about"}  # what login and rate limit concern
_CONCERNED = {
    Fault.DATABASE_LOCKED: _DATABASE_READERS,
    Fault.RATE_LIMITED: _GUARDED,
    Fault.SHUTTING_DOWN: ROUTES,
    Fault.SLOW: ROUTES,
    Fault.REFUSED: ROUTES,
    Fault.UNAUTHORIZED: _GUARDED,
    Fault.MALFORMED: ROUTES,
}
_DEFAULTS: dict[Fault, FaultOptions] = {
    Fault.DATABASE_LOCKED: {"seconds": 10.0},
    Fault.RATE_LIMITED: {"retry_after": "30"},
    Fault.SLOW: {"seconds": 3.0},
    Fault.REFUSED: {"seconds": 0.0},
    Fault.MALFORMED: {"kind": "html"},
}


class Faults:
    """The faults of one server, from any thread; a change counts from the next request on.

    `refuse` and `accept` close and open the listening socket; they return when that is done.
    """

    def __init__(self, *, refuse: Callable[[], None], accept: Callable[[], None]) -> None:
        self._refuse = refuse
        self._accept = accept
        self._lock = threading.RLock()
        self._active: dict[Fault, ActiveFault] = {}
        self._reopening: threading.Timer | None = None
        self._closed = False

    def set(self, fault: Fault, **options: Unpack[FaultOptions]) -> None:
        """Turn a fault on, or change its options.

        An option that it does not have is a TypeError, an impossible value a ValueError.
        """
        active = _checked(fault, options)
        with self._lock:
            if self._closed:
                return
            before = self._active.get(fault)
            if fault is Fault.REFUSED:
                self._stop_timer()
                if before is None:
                    self._refuse()
                if active.seconds:
                    self._reopening = threading.Timer(active.seconds, self.clear, [fault])
                    self._reopening.daemon = True
                    self._reopening.start()
            if before is not None:  # its clearing lets go also of those that wait already
                active = replace(active, cleared=before.cleared)
            self._active[fault] = active

    def clear(self, fault: Fault | None = None) -> None:
        """Turn a fault off, or all of them, and let go at once of the requests it holds."""
        with self._lock:
            for one in Fault if fault is None else [fault]:
                was = self._active.pop(one, None)
                if was is not None:
                    was.cleared.set()
                if one is Fault.REFUSED and was is not None and not self._closed:
                    self._stop_timer()
                    self._accept()

    def close(self) -> None:
        """Release every request for good and ignore all further changes."""
        with self._lock:
            self._closed = True
            self._stop_timer()
            self.clear()

    def on(self, fault: Fault, route: str) -> ActiveFault | None:
        """Return the fault if it is on for this route."""
        with self._lock:
            active = self._active.get(fault)
        return active if active is not None and route in active.routes else None

    def _stop_timer(self) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
            self._reopening = None


def _checked(fault: Fault, options: FaultOptions) -> ActiveFault:
    known = set(_DEFAULTS.get(fault, {}))
    if fault is not Fault.REFUSED:  # there is one socket for all routes
        known.add("routes")
    if unknown := set(options) - known:
        raise TypeError(f"{fault} takes {sorted(known) or 'no options'}, not {sorted(unknown)}")
    merged: FaultOptions = {**_DEFAULTS.get(fault, {}), **options}
    seconds = merged.get("seconds", 0.0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise ValueError(f"seconds must be a number from 0 on, not {seconds!r}")
    kind = merged.get("kind", "")
    if kind and kind not in MALFORMED_KINDS:
        raise ValueError(f"kind must be one of {', '.join(MALFORMED_KINDS)}, not {kind!r}")
    routes = frozenset(merged.get("routes", _CONCERNED[fault]))
    if strange := routes - ROUTES:
        raise ValueError(f"{sorted(strange)} are no routes; they are {sorted(ROUTES)}")
    retry_after = merged.get("retry_after")
    return ActiveFault(
        routes=routes,
        seconds=float(seconds),
        retry_after=None if retry_after is None else str(retry_after),
        kind=kind,
    )
