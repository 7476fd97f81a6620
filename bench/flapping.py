"""A server that flaps, and what the app's log may say of it."""

import itertools
import re
import threading
from collections.abc import Iterable
from typing import Self

from tests.vpo_server import MALFORMED_KINDS, Fault, FaultOptions, VpoServer

FAULTS: tuple[tuple[Fault, FaultOptions], ...] = (
    (Fault.REFUSED, {}),
    (Fault.DATABASE_LOCKED, {"seconds": 0.4}),
    (Fault.RATE_LIMITED, {"retry_after": "1"}),
    (Fault.UNAUTHORIZED, {}),
    (Fault.SHUTTING_DOWN, {}),
    (Fault.SLOW, {"seconds": 0.6}),
    *((Fault.MALFORMED, FaultOptions(kind=kind)) for kind in MALFORMED_KINDS),
)
_UP = re.compile(
    r"(?:Fetching the (?P<route>[\w ]+) from )?VPO at \S+ "
    r"(?:works|(?P<whole>responds|accepts the token|accepts requests)) again after \d+ s\.$"
)
_DOWN = re.compile(r"Fetching the (?P<route>[\w ]+) failed: .+|VPO at \S+ .+")


class Flapping:
    """While it is entered: throws one fault after the other at a server, and takes each back.

    A fault lasts `seconds`, and so does the peace before it; `thrown` counts them.
    """

    def __init__(self, server: VpoServer, seconds: float) -> None:
        self.thrown = 0
        self._server = server
        self._seconds = seconds
        self._faults = itertools.cycle(FAULTS)
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._leaving.clear()
        self._thread = threading.Thread(target=self._flap)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._leaving.set()
        if self._thread is not None:
            self._thread.join()
        self._server.faults.clear()

    def _flap(self) -> None:
        while not self._leaving.wait(self._seconds):
            fault, options = next(self._faults)
            self._server.faults.set(fault, **options)
            self.thrown += 1
            self._leaving.wait(self._seconds)
            self._server.faults.clear()


def beyond_a_line_a_change(lines: Iterable[str]) -> list[str]:
    """The lines of a log that tell of no change: neither a failure nor its end, or one again."""
    reasons: dict[str, str] = {}
    beyond = []
    for line in lines:
        words = line.split(" ", 2)[-1]  # after date and time
        if up := _UP.match(words):
            is_change = reasons.pop(up["route"] or up["whole"], None) is not None
        elif down := _DOWN.match(words):
            what = down["route"] or _whole(words)
            is_change = reasons.get(what) != words
            reasons[what] = words
        else:
            is_change = False
        if not is_change:
            beyond.append(line)
    return beyond


def _whole(failure: str) -> str:
    """What a server does no more, in the words with which the log says that it does again."""
    if "requires a valid token" in failure:
        return "accepts the token"
    return "accepts requests" if "too many requests" in failure else "responds"
