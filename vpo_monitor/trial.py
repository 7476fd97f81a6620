"""Tries the settings as they stand now in the files and the environment, beside the poller.

The app itself reads them once, when it starts. An address comes from those settings alone: nothing
that a viewer types is ever asked.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.api.server import Server, parse_address
from vpo_monitor.checks.each_server import each_server
from vpo_monitor.checks.finding import Finding, Verdict, good
from vpo_monitor.checks.own_checks import settings_findings
from vpo_monitor.checks.vpo_checks import vpo_findings
from vpo_monitor.config import Settings

GAP = 6.0
"""Seconds between two trials: 10 a minute at most, each with 2 requests that VPO counts, where it
leaves room for 20 beside the poll."""
_TIMEOUT = 3.0
"""Seconds for each answer; what is asked here is answered at once, also while VPO is at work."""


@dataclass(frozen=True)
class Outcome:
    """What was found, without what was not tried; or else a sentence why nothing was tried."""

    findings: tuple[Finding, ...]
    why_not: str | None = None

    @property
    def to_mend(self) -> int:
        """How many things are to be mended."""
        return sum(finding.verdict is Verdict.MEND for finding in self.findings)


class Trials:
    """Lets one trial run at a time, for all viewers, and the next no sooner than `GAP` later.

    May be used by several threads at once.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at_work = threading.Lock()
        self._free_at = now()

    def run(self, trial: Callable[[], Outcome]) -> Outcome:
        """What the trial finds; or, where it is not its turn, that nothing was tried."""
        if not self._at_work.acquire(blocking=False):
            return Outcome((), "Another test is under way. Test again when it has ended.")
        try:
            if self._now() < self._free_at:
                return Outcome(
                    (),
                    f"The last test was less than {GAP:.0f} s ago, by you or another viewer. "
                    "Test again in a moment.",
                )
            try:
                return trial()
            finally:
                self._free_at = self._now() + GAP
        finally:
            self._at_work.release()


def try_settings(settings: Settings, in_use: Server | None) -> Outcome:
    """Ask the server of these settings what `vpo-monitor check` asks, all but for its jobs.

    `in_use` is the server that the app watches, None where it watches none or the demo. Of a list
    of servers it is the one that is asked, where it is in it, and else all are.
    """
    only = None if in_use is None else in_use.name
    asked = vpo_findings(settings, only=only, read_timeout=_TIMEOUT, with_jobs=False)
    everything = (*settings_findings(settings), *asked)
    found = [f for f in everything if f.verdict is not Verdict.UNTRIED]
    if all(f.verdict is Verdict.GOOD for f in everything if f.tried in ("address", "token")):
        of_each = [own for _name, own in each_server(settings, only)]
        is_in_use = all(_is_in_use(own, in_use) for own in of_each)
        found.append(good("start", _IN_USE if is_in_use else _START))
    return Outcome(tuple(found))


_IN_USE = "The app watches it already with these settings, and comes back by itself."
_START = "Start the app again to watch it: settings are read when it starts."


def _is_in_use(settings: Settings, in_use: Server | None) -> bool:
    address, token = settings.api_url, settings.api_token.secret
    if in_use is None or in_use.token != token:
        return False
    return in_use.url == parse_address(address.value or settings.default_address, address.name)
