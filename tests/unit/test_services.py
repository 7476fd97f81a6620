"""What lives as long as the app, and what a switch to another server leaves of it."""

import gc
import threading
import time
import weakref
from collections.abc import Callable

import pytest

from tests.vpo_server import start
from vpo_monitor import services
from vpo_monitor.services import load_settings
from vpo_monitor.web.layer import ServerOptions, WebLayer

from .web.asgi import Browser
from .web.stand_in import StandIn

_PATHS = ("/api/summary", "/feed.atom", "/metrics")


def until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < give_up_at


def watchers() -> int:
    return sum(thread.name == "vpo-watch" for thread in threading.enumerate())


def test_a_switch_leaves_nothing_of_the_server_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_WATCH_INTERVAL", "30")
    with (
        start(worker=False, history=0, rate_limit=None) as before,
        start(worker=False, history=0, rate_limit=None) as after,
    ):
        monkeypatch.setenv("VPO_MONITOR_API_URL", before.url)
        with services.running(load_settings()) as running:
            running.open()
            layer = WebLayer(running.settings, ServerOptions(), targets=services.metrics_targets)
            browser = Browser(StandIn().app(layer))
            assert [browser.get(path).status for path in _PATHS] == [200] * 3
            (server,) = running.servers
            held: tuple[object, ...] = (server.poller, server.tracker, server.tracker.store)
            left = [weakref.ref(one) for one in held]
            del server, held
            monkeypatch.setenv("VPO_MONITOR_API_URL", after.url)
            running.switch(load_settings())
            assert [browser.get(path).status for path in _PATHS] == [200] * 3
            until(lambda: gc.collect() >= 0 and not any(one() for one in left))
            until(lambda: watchers() == 1)
            until(lambda: bool(after.requests))
    until(lambda: watchers() == 0)
