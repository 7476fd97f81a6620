"""The metrics of a running app, as Prometheus scrapes them."""

import time
import urllib.request
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.scripted_viewer import Viewer, log_in
from tests.app.conftest import TIMEOUT, Open
from tests.running_app import running_app
from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.vpo_server import VpoServer

READ_KEY = "a key for programs"


def scrape(port: int, key: str = "") -> str:
    """What Prometheus gets."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - http
        assert answer.headers["Content-Type"].startswith("text/plain")
        text: str = answer.read().decode()
    return text


def scrape_until(port: int, wanted: str, key: str = "") -> str:
    """What Prometheus gets once it has this: a scrape waits for no answer that takes long."""
    give_up_at = time.monotonic() + TIMEOUT
    while wanted not in (text := scrape(port, key)):
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


@pytest.mark.parametrize("name", ["VPO_MONITOR_METRICS_PORT", "VPO_MONITOR_METRICS_ADDRESS"])
def test_the_settings_of_the_former_port_are_said_to_be_unused(
    name: str, server: VpoServer, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "9105")
    app = open_app("server")
    assert not app.exception
    sentence = f"{name} is no longer used: metrics are at /metrics, on the app's own port."
    assert sentence in [element.value for element in app.text]


def test_metrics_are_there_from_the_start_and_count_viewers(server: VpoServer) -> None:
    with running_app(VPO_MONITOR_API_URL=server.url) as port:
        known = samples(scrape_until(port, "\nvpo_up "))
        assert (known["vpo_up"], known["vpo_monitor_viewers"]) == (1, 0)
        with Viewer(port), Viewer(port):
            assert samples(scrape(port))["vpo_monitor_viewers"] == 2
        scrape_until(port, "\nvpo_monitor_viewers 0.0\n")


@pytest.mark.long
def test_a_scrape_behind_a_login_needs_the_key_and_tells_no_secret(server: VpoServer) -> None:
    server.store.add_job(job_type="move", status="queued", file_path="/srv/secret.mkv")
    settings = {
        "VPO_MONITOR_API_URL": server.url,
        "VPO_MONITOR_API_TOKEN": TOKEN,
        "VPO_MONITOR_PASSWORD": PASSWORD,
        "VPO_MONITOR_READ_KEY": READ_KEY,
    }
    with running_app(**settings) as port:
        with pytest.raises(HTTPError, match="401"):
            scrape(port)
        known = samples(scrape_until(port, "\nvpo_up ", READ_KEY))
        assert (known["vpo_up"], known["vpo_jobs_queued"]) == (1, 1)
        assert {request.path for request in server.requests} <= {"/health", "/api/config/polling"}
        with Viewer(port, cookie=log_in(port, PASSWORD)) as viewer:
            viewer.open("jobs")
            text = scrape_until(port, 'vpo_monitor_data_age_seconds{route="list"}', READ_KEY)
        assert "secret.mkv" not in text
        assert server.url.removeprefix("http://") not in text
        assert not leaks(text)


@pytest.mark.long
def test_with_polling_off_a_scrape_has_nothing_asked(server: VpoServer) -> None:
    settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_POLLING_ENABLED": "false"}
    with running_app(**settings) as port:
        for _ in range(3):
            known = samples(scrape(port))
            assert known["vpo_monitor_polling_enabled"] == 0
            assert "vpo_up" not in known
        assert not server.requests
