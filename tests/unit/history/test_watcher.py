"""Polling while nobody has a page open."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.unit.scripted_vpo import job_path
from tests.unit.watched_server import START, World
from tests.vpo_server import VpoServer, start
from vpo_monitor import services
from vpo_monitor.api.errors import ServerBusy, Unreachable
from vpo_monitor.config import load_settings
from vpo_monitor.history.records import Kind
from vpo_monitor.polling import queries


def test_nobody_looking_costs_three_requests_a_minute_at_most() -> None:
    world = World()
    rounds = 100
    for number in range(rounds):
        world.put(str(number), "running")
        if number:
            world.finish(str(number - 1))
        world.poll()
    assert len(world.vpo.requests) == 3 * rounds
    assert world.vpo.most_per_minute() == 3


@pytest.mark.parametrize("interval", [30.0, 60.0, 3600.0])
def test_all_time_is_monitored_without_a_gap(interval: float) -> None:
    world, rounds = World(interval), 240
    world.poll(rounds)
    assert world.tracker.spans() == [(START, START + timedelta(seconds=(rounds - 1) * interval))]


def test_a_failed_round_is_no_gap_and_a_long_outage_is_one() -> None:
    world = World()
    world.poll(3)
    world.failure = ServerBusy("busy")
    world.poll()
    world.failure = None
    world.poll(3)
    assert len(world.tracker.spans()) == 1
    world.failure = Unreachable("gone")
    world.poll(10)
    world.failure = None
    world.poll(5)
    assert len(world.tracker.spans()) == 2


@pytest.mark.parametrize("interval", [60.0, 3600.0])
def test_what_comes_and_ends_between_two_rounds_is_an_event(interval: float) -> None:
    world = World(interval)
    world.poll(8)
    world.put("a", "queued")
    world.finish("a", "failed")
    world.put("b", "queued")
    world.finish("b")
    world.poll(6)
    assert set(world.kinds()) == {(Kind.FAILED, "a"), (Kind.FINISHED, "b")}


def test_a_job_that_ends_is_known_with_its_error_and_start_time() -> None:
    world = World()
    world.poll(4)
    began = world.utcnow().isoformat()
    world.put("a", "running", started_at=began)
    for number in range(200):  # a long queue, so that the newest jobs are all queued
        world.put(f"q{number}", "queued")
    world.poll(4)
    world.finish("a", "failed")
    world.jobs["a"]["error_message"] = "No space left"
    world.poll(4)
    record = world.tracker.record("a")
    assert record is not None
    assert (record.status, record.error) == ("failed", "No space left")
    assert record.run_seconds == 240


def test_what_a_page_requests_is_not_requested_again() -> None:
    world = World()
    for _ in range(10):
        world.poller.read(queries.health(), 5.0)
        world.poller.read(queries.RUNNING, 5.0)
        world.tracker.caught_up_at = world.vpo.now  # as a page that requests details does
        world.put("a", "running")
        world.poll()
    assert len(world.vpo.requests) == 3 * 10
    assert not world.vpo.times(job_path("a"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[VpoServer]:
    with start(worker=False, history=0, polling=None, rate_limit=None) as running:
        monkeypatch.setenv("VPO_MONITOR_API_URL", running.url)
        monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
        yield running


def test_a_started_app_watches_without_a_page(
    server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_WATCH_INTERVAL", "60")
    with services.running(load_settings()) as running:
        running.open()
        tracker = running.servers[0].tracker
        give_up_at = time.monotonic() + 20
        while not (tracker.spans() and tracker.counts()):
            assert time.monotonic() < give_up_at
    assert {request.path for request in server.requests} == {"/health", "/api/jobs"}


@pytest.mark.parametrize(
    "settings", [{}, {"WATCH_INTERVAL": "60", "POLLING_ENABLED": "false"}], ids=["unset", "off"]
)
def test_otherwise_it_asks_for_nothing(
    settings: dict[str, str], server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"VPO_MONITOR_{name}", value)
    with services.running(load_settings()) as running:
        running.open()
        assert running.settings.seconds_between_watches is None
    assert not server.requests
