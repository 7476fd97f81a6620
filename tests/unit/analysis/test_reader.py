"""How one viewer's page reads: quiet servers, shared patience, frozen times."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vpo_monitor.analysis.reader import IDLE_INTERVAL, Reader, ReaderMemory
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Health
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import PATIENCE, Poller
from vpo_monitor.polling.queries import Priority, Query, Route

UTC_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CLIENT = VpoClient(Server("test", "http://127.0.0.1:1"))


class World:
    """A server whose health and list a test sets, read at seconds that it chooses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.running: int | None = 0
        self.failed = 0
        self.asked = 0
        self.memory = ReaderMemory()
        self.poller = Poller(
            CLIENT, Budget(100), now=lambda: self.now, start=lambda work: work(), patience=0.0
        )
        monkeypatch.setattr(queries, "health", lambda: Query(Route.HEALTH, self.health))

    def health(self, _client: VpoClient) -> Health:
        return Health(
            status="healthy",
            jobs_running=self.running,
            jobs_queued=0,
            recent_errors=self.failed,
        )

    def list(self, _client: VpoClient) -> str:
        self.asked += 1
        return "jobs"

    def look(self, *, polling: PollingConfig | None = None) -> Reader:
        reader = Reader(
            self.poller, polling or PollingConfig(), self.memory, utcnow=lambda: UTC_NOW
        )
        reader.read(Query(Route.LIST, self.list))
        return reader

    def look_each_second(self, seconds: int) -> int:
        """Requests for the list in that time."""
        before = self.asked
        for _ in range(seconds):
            self.now += 1
            self.look()
        return self.asked - before


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_quiet_server_s_list_is_asked_for_every_30_s(world: World) -> None:
    world.look()
    assert world.look_each_second(int(IDLE_INTERVAL) * 4) == 4


def test_the_list_is_asked_for_at_once_when_health_shows_work(world: World) -> None:
    world.look()
    world.look_each_second(6)
    world.running = 1
    assert world.look_each_second(5) == 1  # health is asked for every 5 s
    assert world.look_each_second(30) == 6


def test_the_end_of_the_last_job_is_seen_at_once(world: World) -> None:
    world.running = 1
    world.look()
    world.look_each_second(20)
    world.running = 0
    assert world.look_each_second(6) >= 1
    assert world.look_each_second(int(IDLE_INTERVAL)) <= 2


def test_a_failure_during_quiet_is_seen_at_once(world: World) -> None:
    world.look()
    world.look_each_second(7)
    world.failed = 1
    assert world.look_each_second(5) == 1


def test_an_unknown_count_is_not_quiet(world: World) -> None:
    world.running = None
    assert not world.look().is_idle


def test_a_longer_interval_of_the_viewer_s_own_stays(world: World) -> None:
    world.look()
    before = world.asked
    for _ in range(120):
        world.now += 1
        world.look(polling=PollingConfig(interval=60))
    assert world.asked - before == 2


def test_a_pause_asks_nothing_and_keeps_nothing_fresh(world: World) -> None:
    paused = PollingConfig(interval=5, enabled=False)
    world.running = 1
    world.look(polling=paused)
    world.now += 11
    (snapshot,) = world.look(polling=paused).snapshots
    assert world.asked == 1
    assert (snapshot.max_age, snapshot.age(world.now)) == (5, 11)


def test_a_running_time_stops_at_the_age_of_its_data(world: World) -> None:
    reader = world.look()
    snapshot = reader.snapshots[0]
    world.now += 40
    assert reader.as_of(snapshot.fetched_at) == UTC_NOW - timedelta(seconds=40)


def test_one_drawing_waits_once_for_all_that_it_reads() -> None:
    waits: list[float] = []
    now = [0.0]

    class Slow(Poller):
        def read(self, query: Query[Any], max_age: float, **given: Any) -> Any:
            waits.append(given["patience"])
            now[0] += given["patience"]
            return super().read(query, max_age, newer_than=given["newer_than"], patience=0.0)

    poller = Slow(CLIENT, Budget(100), now=lambda: now[0], start=lambda _work: None)
    reader = Reader(poller, PollingConfig(), ReaderMemory())
    for number in range(5):
        reader.read(queries.jobs(offset=number))
    assert sum(waits) == PATIENCE


def test_running_times_are_counted_by_the_servers_clock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VpoClient, "clock_ahead", property(lambda _self: 600.0))
    reader = world.look()
    assert reader.as_of(None) == UTC_NOW + timedelta(minutes=10)
    assert reader.seen_at(None) == UTC_NOW


def test_what_no_viewer_waits_for_is_renewed_by_refresh_alone(world: World) -> None:
    query: Query[Any] = Query(Route.LIST, world.list, (), Priority.NICE_TO_HAVE)

    def look() -> int:
        before = world.asked
        world.now += 1
        Reader(world.poller, PollingConfig(), world.memory).read(query, 600.0)
        return world.asked - before

    assert look() == 1
    world.memory.newer_than = world.now  # the page was opened, or the viewer came back
    assert look() == 0
    world.running = 3
    world.now += 10
    look()
    world.running = 0  # the queue has become empty
    world.now += 10
    assert look() == 0
    world.memory.refreshed_at = world.now
    assert look() == 1


def test_a_look_is_what_it_was_when_the_drawing_began_and_is_taken_again(world: World) -> None:
    seen = ["before"]
    drawing = world.look()
    drawing.track(lambda _reader: seen[0])
    seen[0] = "heard while the page was drawn"
    tick = world.look()
    assert [value for _at, value in drawing.tracked] == ["before"]
    assert [at(tick) for at, _value in drawing.tracked] == ["heard while the page was drawn"]
