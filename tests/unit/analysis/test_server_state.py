"""What one line says of another server, which is waited for a tenth of a second at most."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vpo_monitor.analysis.connection import Connection
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.analysis.server_state import OtherServer, ServerState, read_server_states
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import Unreachable, VpoError
from vpo_monitor.api.models import Health, Job, JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query, Route

UTC_NOW = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)
CLIENT = VpoClient(Server("test", "http://127.0.0.1:1"))


class World:
    """A page of one server, and another server whose answers a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.error: VpoError | None = None
        self.jobs: list[Job] = []
        self.polling = PollingConfig()
        self.memory = ReaderMemory()
        self.poller = self._poller()
        monkeypatch.setattr(queries, "health", lambda: Query(Route.HEALTH, self._health))
        monkeypatch.setattr(
            "vpo_monitor.analysis.server_state.RUNNING", Query(Route.LIST, self._list)
        )
        monkeypatch.setattr(Reader, "seen_at", lambda _reader, at: self.time_of(at))

    def _poller(self) -> Poller:
        return Poller(CLIENT, Budget(100), now=lambda: self.now, start=lambda work: work())

    def time_of(self, at: float | None) -> datetime:
        return UTC_NOW - timedelta(seconds=0 if at is None else self.now - at)

    def _health(self, _client: VpoClient) -> Health:
        if self.error:
            raise self.error
        return Health(status="healthy", jobs_running=len(self.jobs), jobs_queued=3, recent_errors=1)

    def _list(self, _client: VpoClient) -> JobPage:
        if self.error:
            raise self.error
        return JobPage(rows=tuple(self.jobs), total=len(self.jobs))

    def look(self) -> ServerState:
        self.page = Reader(self._poller(), self.polling, ReaderMemory())
        beside = OtherServer(self.poller, self.polling, self.memory)
        return read_server_states(self.page, {"test": beside})["test"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def job(name: str, percent: float | None = None) -> Job:
    return Job(
        id=name[:5],
        job_type="move",
        status="running",
        file_path=f"/{name}",
        progress_percent=percent,
    )


def test_it_says_what_the_badge_says_the_counts_and_what_runs(world: World) -> None:
    world.jobs = [job("a.mkv", 40.4), job("b.mkv", 0.0), job("c.mkv"), job("d.mkv")]
    state = world.look()
    assert state.connection is Connection.LIVE
    assert (state.running, state.queued, state.failed) == (4, 3, 1)
    assert state.runs == ("40 % a.mkv", "b.mkv", "and 2 more")
    assert state.answered_at is None


def test_text_of_a_file_is_plain_and_short(world: World) -> None:
    world.jobs = [job("x\u202e\x1b[31m" + "y" * 300)]
    (said,) = world.look().runs
    assert said.startswith("xyyy")
    assert len(said) <= 40


def test_two_looks_at_the_same_are_equal(world: World) -> None:
    world.jobs = [job("a.mkv", 40.0)]
    assert world.look() == world.look()
    world.jobs = [job("a.mkv", 41.0)]
    world.now += 6
    assert world.look().runs == ("41 % a.mkv",)


def test_one_that_fails_keeps_its_counts_and_says_since_when(world: World) -> None:
    world.look()
    world.error = Unreachable("gone")
    world.now += 60
    state = world.look()
    assert state.connection is Connection.RECONNECTING
    assert state.queued == 3
    assert state.answered_at == datetime(2026, 11, 26, 11, 59, tzinfo=UTC)
    world.now += 0.001
    assert world.look() == state
    for _ in range(4):
        world.now += 130
        state = world.look()
    assert state.connection is Connection.OFFLINE


def test_one_that_never_answered_has_no_counts(world: World) -> None:
    world.error = Unreachable("gone")
    state = world.look()
    assert not state.is_known
    assert state.answered_at is None


def test_one_that_hangs_is_waited_for_briefly_and_the_page_comes_back_for_it(world: World) -> None:
    waited: list[float | None] = []
    world.poller = Poller(CLIENT, Budget(100), now=lambda: world.now, start=lambda _work: None)

    class Noting(threading.Condition):
        def wait_for(self, predicate: Any, timeout: float | None = None) -> Any:
            waited.append(timeout)
            return predicate()

    world.poller._changed = Noting()
    assert world.look().connection is Connection.CONNECTING
    assert all(timeout is not None and 0 <= timeout < 0.101 for timeout in waited)
    assert [snapshot.fetching_since for snapshot in world.page.elsewhere] == [world.now] * 2


def test_a_pause_asks_for_nothing_more(world: World) -> None:
    world.look()
    world.polling = PollingConfig(enabled=False)
    world.now += 100
    world.jobs = [job("a.mkv")]
    state = world.look()
    assert state.connection is Connection.PAUSED
    assert state.runs == ()
