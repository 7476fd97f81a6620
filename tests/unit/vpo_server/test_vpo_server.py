"""The test server behaves as the real one; that its answers look alike is in test_contract.py."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.vpo_server import Fault, VpoServer, start

RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=120, seed=3, rate_limit=None) as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(server: VpoServer) -> Iterator[None]:
    yield
    server.faults.clear()


def get(server: VpoServer, path: str, **options: Any) -> requests.Response:
    return requests.get(server.url + path, timeout=20, allow_redirects=False, **options)


def recording(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))
    return loaded


def test_a_login_is_asked_for_except_for_health_and_about() -> None:
    with start(worker=False, history=0, token="sixteen-letters-") as locked:
        refused = get(locked, "/api/jobs")
        assert (refused.status_code, refused.text) == (401, "Unauthorized")
        assert refused.headers["WWW-Authenticate"] == 'Basic realm="VPO"'
        assert get(locked, "/api/jobs", auth=("any", "sixteen-letters-")).status_code == 200
        assert get(locked, "/health").status_code == 200
        assert get(locked, "/api/about").status_code == 200


def test_the_121st_request_of_a_minute_is_refused() -> None:
    with start(worker=False, history=0) as limited:
        for _ in range(120):
            assert get(limited, "/api/jobs").status_code == 200
        refused = get(limited, "/api/jobs")
        assert refused.status_code == 429
        assert refused.json() == recording("jobs_429_rate_limited")["body"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert get(limited, "/health").status_code == 200


def test_a_held_database_fails_the_jobs_while_health_and_logs_answer(server: VpoServer) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.05)
    answer = get(server, "/api/jobs")
    assert (answer.status_code, answer.text) == (500, recording("jobs_500_database_locked")["body"])
    assert get(server, "/health").status_code == 200
    assert get(server, f"/api/jobs/{'0' * 8}-0000-4000-8000-{'0' * 12}/logs").status_code == 200


def test_a_released_database_answers_those_who_wait(server: VpoServer) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=15)
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(get(server, "/api/jobs").status_code))
    before = len(server.requests)
    waiting.start()
    deadline = time.monotonic() + 10
    while len(server.requests) == before and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    server.faults.clear(Fault.DATABASE_LOCKED)
    waiting.join(10)
    assert answers == [200]


def test_a_shut_down_server_says_so(server: VpoServer) -> None:
    server.faults.set(Fault.SHUTTING_DOWN)
    assert get(server, "/api/jobs").json() == recording("jobs_503_shutting_down")["body"]
    health = get(server, "/health")
    assert (health.status_code, health.json()["shutting_down"]) == (503, True)


def test_a_refusing_server_comes_back_on_its_port(server: VpoServer) -> None:
    server.faults.set(Fault.REFUSED)
    with pytest.raises(requests.ConnectionError):
        get(server, "/health")
    server.faults.clear()
    assert get(server, "/health").status_code == 200
