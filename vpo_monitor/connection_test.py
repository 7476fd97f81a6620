"""A test of the settings now in the files and the environment, beside the poller.

The app reads its settings when it starts, and when a viewer applies those that passed the test. The
address comes from them alone: nothing that a viewer types is ever requested.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.api.server import Server, parse_address
from vpo_monitor.checks.check_result import CheckResult, CheckStatus, ok
from vpo_monitor.checks.local_checks import check_settings
from vpo_monitor.checks.per_server import per_server_settings
from vpo_monitor.checks.vpo_checks import check_vpo
from vpo_monitor.config import Settings, reveal

GAP = 6.0
"""Minimum seconds between two tests: at most 10 a minute, each with 2 requests that count towards
VPO's limit, which leaves 20 beside the poller's budget."""
_PATIENCE = 2 * GAP
"""Seconds to wait for the tests of other viewers."""
_TIMEOUT = 3.0
"""Seconds to wait for each response; these routes respond at once even while VPO is transcoding."""


@dataclass(frozen=True)
class ConnectionTestResult:
    """The results without skipped checks, or a sentence that says why no test was run.

    `applicable` are the tested settings if the app could use their servers and doesn't yet.
    """

    findings: tuple[CheckResult, ...]
    refusal: str | None = None
    applicable: Settings | None = None

    @property
    def problem_count(self) -> int:
        """Return the number of failed checks."""
        return sum(finding.status is CheckStatus.FAIL for finding in self.findings)


class ConnectionTest:
    """Run one test at a time for all viewers, at least `GAP` seconds apart. Thread-safe."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        patience: float = _PATIENCE,
    ) -> None:
        self._now, self._sleep, self._patience = now, sleep, patience
        self._running = threading.Lock()
        self._free_at = now()

    @property
    def wait(self) -> float:
        """The seconds until the next test may start, if none is running."""
        return max(0.0, self._free_at - self._now())

    def run(self, test: Callable[[], ConnectionTestResult]) -> ConnectionTestResult:
        """Run a test as soon as it may start, and return its result, or why it was refused."""
        if not self._running.acquire(timeout=self._patience):
            return ConnectionTestResult((), "Other tests are running. Try again in a moment.")
        try:
            self._sleep(self.wait)
            try:
                return test()
            finally:
                self._free_at = self._now() + GAP
        finally:
            self._running.release()


def run_connection_test(settings: Settings, in_use: Server | None) -> ConnectionTestResult:
    """Run the checks of `vpo-monitor check` except the one of the jobs.

    `in_use` is the server that the app polls, or None if it polls none or the demo. If the settings
    list several servers, only `in_use` is tested if it is among them, otherwise all are.
    """
    only = None if in_use is None else in_use.name
    asked = check_vpo(settings, only=only, read_timeout=_TIMEOUT, with_jobs=False)
    everything = (*check_settings(settings), *asked)
    found = [f for f in everything if f.status is not CheckStatus.SKIPPED]
    if all(f.status is CheckStatus.OK for f in everything if f.name in ("address", "token")):
        of_each = [own for _name, own in per_server_settings(settings, only)]
        is_in_use = all(_is_in_use(own, in_use) for own in of_each)
        if not is_in_use:
            return ConnectionTestResult(tuple(found), applicable=settings)
        found.append(ok("server", _IN_USE))
    return ConnectionTestResult(tuple(found))


_IN_USE = "The app already uses it, and reconnects by itself."


def _is_in_use(settings: Settings, in_use: Server | None) -> bool:
    if in_use is None or in_use.token != settings.api_token:
        return False
    address = reveal(settings.api_url) or settings.default_address
    return in_use.url == parse_address(address, settings.origins["api_url"].name)
