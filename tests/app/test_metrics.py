"""The metrics of the app as a whole: what the Server page says, and a scrape over HTTP."""

import socket
import time
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from streamlit.testing.v1 import AppTest

from bench.running_app import free_port
from bench.scripted_viewer import Viewer
from tests.app.conftest import TIMEOUT, Open
from tests.running_app import running_app
from tests.secret_leaks import PASSWORD, TOKEN, leaks
from vpo_monitor import services
from vpo_monitor.demo import DemoServer
from vpo_monitor.views.metrics_endpoint import metrics_endpoint


@pytest.fixture(autouse=True)
def new_process(open_app: Open) -> Iterator[None]:
    """Each test finds the endpoint as in a new process, and leaves none behind."""
    metrics_endpoint.forget()
    yield
    if services.is_running():
        metrics_endpoint().stop()
    metrics_endpoint.forget()


def said(app: AppTest) -> list[str]:
    assert not app.exception
    return [element.value for element in (*app.warning, *app.text)]


def scrape(port: int) -> str:
    """What Prometheus gets."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain")
        text: str = answer.read().decode()
    return text


def scrape_until(port: int, wanted: str) -> str:
    """What Prometheus gets once it has this: a scrape waits for no answer that takes long."""
    give_up_at = time.monotonic() + TIMEOUT
    while wanted not in (text := scrape(port)):
        assert time.monotonic() < give_up_at, text
    return text


def samples(text: str) -> dict[str, float]:
    """The samples that have no label."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }


def test_without_a_port_the_server_page_says_nothing_of_them(
    server: DemoServer, open_app: Open
) -> None:
    assert "Metrics aren't being served" not in said(open_app("server"))


def test_a_port_in_use_is_said_on_the_server_page(
    server: DemoServer, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("VPO_MONITOR_METRICS_PORT", str(taken.getsockname()[1]))
        shown = said(open_app("server"))
    assert "Metrics aren't being served" in shown
    assert any("cannot be opened" in sentence for sentence in shown)


def test_a_bad_port_is_said_as_other_settings_are(
    server: DemoServer, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_METRICS_PORT", "somewhere")
    shown = said(open_app("server"))
    assert "Invalid setting corrected" in shown
    assert any("VPO_MONITOR_METRICS_PORT is not a port" in sentence for sentence in shown)


@pytest.mark.long
def test_a_scrape_of_a_running_app_needs_no_login_and_tells_no_secret(server: DemoServer) -> None:
    server.store.add_job(job_type="move", status="queued", file_path="/srv/secret.mkv")
    port = free_port()
    settings = {
        "VPO_MONITOR_API_URL": server.url,
        "VPO_MONITOR_API_TOKEN": TOKEN,
        "VPO_MONITOR_PASSWORD": PASSWORD,
        "VPO_MONITOR_METRICS_PORT": str(port),
    }
    with running_app(**settings) as app, Viewer(app) as viewer:
        viewer.open()
        assert not server.requests
        known = samples(scrape_until(port, "\nvpo_up "))
        assert (known["vpo_up"], known["vpo_jobs_queued"]) == (1, 1)
        assert known["vpo_monitor_viewers"] == 1
        assert {request.path for request in server.requests} <= {"/health", "/api/config/polling"}
        viewer.press("Log in", typed={"Password": PASSWORD})
        viewer.open("jobs")
        text = scrape_until(port, 'vpo_monitor_data_age_seconds{route="list"}')
        assert "secret.mkv" not in text
        assert server.url.removeprefix("http://") not in text
        assert not leaks(text)
        for own in ("", "metrics"):
            with urllib.request.urlopen(f"http://127.0.0.1:{app}/{own}") as answer:
                assert b"vpo_up" not in answer.read()


@pytest.mark.long
def test_with_polling_off_a_scrape_has_nothing_asked(server: DemoServer) -> None:
    port = free_port()
    settings = {
        "VPO_MONITOR_API_URL": server.url,
        "VPO_MONITOR_PASSWORD": PASSWORD,
        "VPO_MONITOR_POLLING_ENABLED": "false",
        "VPO_MONITOR_METRICS_PORT": str(port),
    }
    with running_app(**settings) as app, Viewer(app) as viewer:
        viewer.open()
        for _ in range(3):
            known = samples(scrape(port))
            assert known["vpo_monitor_polling_enabled"] == 0
            assert "vpo_up" not in known
        assert not server.requests
