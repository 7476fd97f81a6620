import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests import shared_app_test
from vpo_monitor.access.login_throttle import LoginThrottle
from vpo_monitor.access.login_tokens import LoginTokens
from vpo_monitor.demo import DemoServer, start
from vpo_monitor.polling import clock
from vpo_monitor.polling.budget import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.views import login, servers

TIMEOUT = 20
PAGES = (
    "app.py",
    "pages/jobs.py",
    "pages/job.py",
    "pages/timeline.py",
    "pages/statistics.py",
    "pages/server.py",
)
Open = Callable[..., AppTest]
"""Opens a page, named by its script, with these query parameters."""


class Clock:
    """The poller's clock, which a test can put forward."""

    ahead = 0.0

    def now(self) -> float:
        return clock.now() + self.ahead


CLOCK = Clock()
_TICK = 1.0
"""Seconds that pass for the poller from run to run, so that nobody waits for what is due later."""


def until(app: AppTest, is_there: Callable[[AppTest], bool]) -> AppTest:
    """Run again, as ticks would, until something is so."""
    give_up_at = time.monotonic() + TIMEOUT
    while not is_there(app):
        assert time.monotonic() < give_up_at, "it never came"
        CLOCK.ahead += _TICK
        app.run()
    return app


_APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
    """A quiet VPO server, set as the one to watch."""
    with start(worker=False, history=0, polling=None, rate_limit=None) as running:
        monkeypatch.setenv("VPO_MONITOR_API_URL", running.url)
        monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
        yield running


@pytest.fixture
def ample_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all that a page waits for asked at once; the tests of the poller hold the budget."""
    monkeypatch.setattr(servers, "Budget", lambda _most: Budget(100_000))


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Opens a page as a new viewer of a new process would."""
    servers.forget_all()
    monkeypatch.setattr(CLOCK, "ahead", 0.0)
    monkeypatch.setattr(servers, "Poller", functools.partial(Poller, now=CLOCK.now))
    shared_app_test.share(monkeypatch)
    monkeypatch.setattr(login, "_TOKENS", LoginTokens())
    monkeypatch.setattr(login, "_THROTTLE", LoginThrottle())

    def open_page(script: str = "app.py", **query: str) -> AppTest:
        app = AppTest.from_file(_APP, default_timeout=TIMEOUT)
        if script != "app.py":
            app.switch_page(script)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    yield open_page
    servers.forget_all()
