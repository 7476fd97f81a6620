"""Tries the settings as they stand now in the files and the environment, beside the poller.

The app itself reads them once, when it starts. An address comes from those settings alone: nothing
that a viewer types is ever asked.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.api.admission import try_to_enter
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import RateLimited, Unauthorized, VpoError
from vpo_monitor.api.server import InvalidAddress, Server, parse_address
from vpo_monitor.config import Settings
from vpo_monitor.plain_text import plain_line

GAP = 5.0
"""Seconds between two trials: 12 a minute at most, where VPO leaves room for 20 beside the poll."""
_TIMEOUT = 3.0
"""Seconds for each answer; what is asked here is answered at once, also while VPO is at work."""
_LONGEST_VERSION = 40


@dataclass(frozen=True)
class Finding:
    """What was found, in sentences that hold no token.

    `works` is None where nothing was tried. `remarks` say what else is to be mended before the app
    is started again.
    """

    works: bool | None
    sentence: str
    remarks: tuple[str, ...] = ()


class Trials:
    """Lets one trial run at a time, for all viewers, and the next no sooner than `GAP` later.

    May be used by several threads at once.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at_work = threading.Lock()
        self._free_at = now()

    def run(self, trial: Callable[[], Finding]) -> Finding:
        """What the trial finds; or, where it is not its turn, that nothing was tried."""
        if not self._at_work.acquire(blocking=False):
            return Finding(None, "Another test is under way. Test again when it has ended.")
        try:
            if self._now() < self._free_at:
                return Finding(
                    None,
                    f"The last test was less than {GAP:.0f} s ago, by you or another viewer. "
                    "Test again in a moment.",
                )
            try:
                return trial()
            finally:
                self._free_at = self._now() + GAP
        finally:
            self._at_work.release()


def try_settings(settings: Settings, in_use: Server | None, default: str) -> Finding:
    """Ask the server of these settings once; where they name none, the `default` address.

    `in_use` is the server that the app watches, None where it watches none or the demo.
    """
    remarks = tuple(filter(None, (settings.access_problem, settings.access_doubt)))
    remarks = remarks or settings.file_warnings
    given = settings.api_url
    try:
        url = default if given.value is None else parse_address(given.value, given.name)
    except InvalidAddress as error:
        return Finding(False, f"{error} It is set in {_place(given.source)}.", remarks)
    server = Server("VPO", url, settings.api_token.secret)
    begin = (
        "No address is set, so VPO's default address was asked. "
        if given.value is None
        else f"The address is from {_place(given.source)}. "
    )
    works, found = _ask(server)
    if works:
        is_same = in_use is not None and (in_use.url, in_use.token) == (server.url, server.token)
        found += (
            " The app watches it already with these settings, and comes back by itself."
            if is_same
            else " Start the app again to watch it: settings are read when it starts."
        )
    return Finding(works, begin + found, remarks)


def _ask(server: Server) -> tuple[bool, str]:
    """Whether a VPO answers there as it should, and that in a sentence or two."""
    client = VpoClient(server, read_timeout=_TIMEOUT)
    try:
        health = client.health()
        version = plain_line(client.about().version or health.version, _LONGEST_VERSION)
        try_to_enter(client)
    except Unauthorized:
        if server.token is None:
            return False, (
                f"VPO at {server.url} wants a token, and none is set. "
                "Set api_token to VPO's own, then test again."
            )
        return False, (
            f"VPO at {server.url} refused the token. Set api_token to VPO's own, then test again."
        )
    except RateLimited:
        return False, (
            f"VPO at {server.url} was asked too often in the last minute. Test again in a minute."
        )
    except VpoError as error:
        return False, str(error)
    return True, f"VPO {version} answers at {server.url}.".replace("  ", " ")


def _place(source: str) -> str:
    return "the environment, which goes before the file" if source == "environment" else source
