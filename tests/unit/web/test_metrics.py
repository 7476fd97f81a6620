"""Who may read the metrics, and that the app runs."""

import sys

import pytest

from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import (
    PASSWORD,
    READ_KEY,
    StandIn,
    browser_of,
    layer_with,
    log_in,
    open_layer,
    settings_with,
)
from vpo_monitor.web.layer import ServerOptions, WebLayer


def bearer(key: str) -> str:
    return f"Bearer {key}"


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


def test_with_a_login_a_key_of_their_own_reads_them(browser: Browser) -> None:
    assert browser.get("/metrics", authorization=bearer(READ_KEY)).status == 200
    assert browser.get("/metrics", authorization=f"bearer  {READ_KEY} ").status == 200
    assert browser.get("/metrics?key=for+programs").status == 200


def test_neither_nothing_nor_the_login_nor_the_password_does(browser: Browser) -> None:
    log_in(browser)
    for headers in ({}, {"authorization": "Basic Zm9y"}, {"authorization": bearer("")}):
        answer = browser.get("/metrics", **headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert browser.get("/metrics", authorization=bearer(PASSWORD)).status == 401
    assert browser.get("/metrics?key=").status == 401


def test_the_key_opens_nothing_else(browser: Browser) -> None:
    assert browser.get("/jobs", authorization=bearer(READ_KEY)).status == 303
    assert browser.get(f"/session?key={READ_KEY}").status == 401


def test_without_a_key_nobody_reads_them_past_the_login() -> None:
    browser = browser_of(layer_with())
    for key in ("", "None", PASSWORD):
        answer = browser.get("/metrics", authorization=bearer(key))
        assert answer.status == 401
        assert "VPO_MONITOR_READ_KEY" in answer.text


def test_a_key_that_is_set_is_needed_even_without_a_login() -> None:
    browser = browser_of(open_layer(read_key=READ_KEY))
    assert browser.get("/metrics").status == 401
    assert browser.get("/metrics", authorization=bearer(READ_KEY)).status == 200


def test_wrong_keys_are_slowed_down_and_the_login_is_not(browser: Browser) -> None:
    statuses = [browser.get("/metrics", authorization=bearer("x")).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    answer = browser.get("/metrics", authorization=bearer(READ_KEY))
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert log_in(browser).status == 303
    other = Browser(browser.app, address="192.0.2.8")
    assert other.get("/metrics", authorization=bearer(READ_KEY)).status == 200


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
