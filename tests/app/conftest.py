import contextlib
import functools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests import shared_app_test
from tests.vpo_server import VpoServer, start
from vpo_monitor import services
from vpo_monitor.polling import clock
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller

TIMEOUT = 20
PAGES = ("overview", "jobs", "job", "timeline", "statistics", "library", "server")
Open = Callable[..., AppTest]
"""Opens a page, named by its URL path, with these query parameters."""


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


def shown(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What each component of this name was told to show, in the page's order."""
    protos = [element.proto for element in app.get("bidi_component")]
    return [json.loads(p.json) for p in protos if p.component_name.endswith(name)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[VpoServer]:
    """A quiet VPO server, set as the one to watch."""
    with start(worker=False, history=0, polling=None, rate_limit=None) as running:
        monkeypatch.setenv("VPO_MONITOR_API_URL", running.url)
        monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
        yield running


@pytest.fixture
def ample_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all that a page waits for asked at once; the tests of the poller hold the budget."""
    monkeypatch.setattr(services, "Budget", lambda _most: Budget(100_000))


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Opens a page as a viewer would; the first call starts the process."""
    assert not services.is_running(), "a test before this one has left its app running"
    monkeypatch.setattr(CLOCK, "ahead", 0.0)
    monkeypatch.setattr(services, "Poller", functools.partial(Poller, now=CLOCK.now))
    shared_app_test.share(monkeypatch)

    with contextlib.ExitStack() as process:

        def open_page(page: str = "overview", /, **query: str) -> AppTest:
            if not services.is_running():
                process.enter_context(shared_app_test.running_services())
            app = shared_app_test.page(page, timeout=TIMEOUT)
            for key, value in query.items():
                app.query_params[key] = value
            return app.run()

        yield open_page
