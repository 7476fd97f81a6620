"""Who may read the metrics, and that the app runs."""

import sys

import pytest

from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import (
    READ_KEY,
    StandIn,
    browser_of,
    layer_with,
    open_layer,
    settings_with,
)
from vpo_monitor.web.layer import ServerOptions, WebLayer


@pytest.fixture
def browser() -> Browser:
    return browser_of(layer_with(read_key=READ_KEY))


def test_health_needs_no_login_and_asks_for_nothing(browser: Browser) -> None:
    answer = browser.get("/healthz")
    assert (answer.status, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"
    assert browser.post("/healthz").status == 405


def test_without_a_login_everybody_reads_the_metrics() -> None:
    answer = browser_of(open_layer()).get("/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\nvpo_monitor_viewers 0.0\n" in answer.text


def test_a_missing_library_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "vpo_monitor.metrics.exposition", raising=False)
    answer = browser_of(open_layer()).get("/metrics")
    assert answer.status == 503
    assert "prometheus-client is missing" in answer.text


def test_a_mistake_of_ours_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> tuple[()]:
        raise ValueError("a secret")

    layer = WebLayer(settings_with(), ServerOptions(), targets=fail)
    browser = Browser(StandIn().app(layer))
    for _ in range(5):
        assert browser.get("/metrics").status == 500
    assert caplog.messages == ["The metrics couldn't be collected: ValueError"]
