"""How often a viewer of the overview comes where it shows several servers: once an interval."""

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from vpo_monitor.analysis import overview, server_state
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.analysis.server_state import OtherServer, read_server_states
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import ServerBusy
from vpo_monitor.api.models import Health, Job, JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import PATIENCE, Poller
from vpo_monitor.polling.queries import Query, Route
from vpo_monitor.polling.snapshot import seconds_to_next_tick

T = TypeVar("T")

INTERVAL = 5.0
JOB = Job(id="1", job_type="move", status="running", file_path="/a.mkv")


class World:
    """Time, which passes while somebody waits, and what happens at which moment of it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._coming: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def at(self, moment: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (moment, next(self._count), work))

    def pass_until(self, moment: float, is_enough: Callable[[], bool] = lambda: False) -> None:
        while not is_enough() and self._coming and self._coming[0][0] <= moment:
            due, _, work = heapq.heappop(self._coming)
            self.now = max(self.now, due)
            work()
        if not is_enough():
            self.now = max(self.now, moment)


class Waiting(threading.Condition):
    """One at which the world's time passes."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def wait_for(self, predicate: Callable[[], T], timeout: float | None = None) -> T:
        assert timeout is not None
        self._world.pass_until(self._world.now + timeout, lambda: bool(predicate()))
        return predicate()


class Vpo:
    """A server that takes `took` seconds for an answer, with its poller."""

    def __init__(self, world: World, took: float) -> None:
        self.world = world
        self.took = took
        self.fails = False
        self.asked: list[float] = []
        client = VpoClient(Server("test", "http://127.0.0.1:1"))
        self.poller = Poller(client, Budget(100), now=lambda: world.now, start=self._start)
        self.poller._changed = Waiting(world)
        client.vpo = self  # type: ignore[attr-defined]

    def _start(self, work: Callable[[], None]) -> None:
        self.asked.append(self.world.now)
        self.world.at(self.world.now + self.took, work)


def health(client: Any) -> Health:
    if client.vpo.fails:
        raise ServerBusy("busy")
    return Health(status="healthy", jobs_running=1, jobs_queued=0)


def running(client: Any) -> JobPage:
    if client.vpo.fails:
        raise ServerBusy("busy")
    return JobPage(rows=(JOB,), total=1)


RUNNING: Query[JobPage] = Query(Route.LIST, running)


@pytest.fixture(autouse=True)
def _queries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "health", lambda: Query(Route.HEALTH, health))
    for module in (overview, server_state):
        monkeypatch.setattr(module, "RUNNING", RUNNING)


class Viewer:
    """Who has the overview open, whose tab comes back when the page wants it to."""

    def __init__(self, world: World, of: Vpo, servers: list[Vpo]) -> None:
        self._world, self._of = world, of
        self._memory = ReaderMemory()
        self._beside = {
            str(place): OtherServer(one.poller, PollingConfig(), ReaderMemory())
            for place, one in enumerate(servers)
        }
        self.ticks: list[float] = []
        self.longest = 0.0

    def tick(self) -> None:
        begun = self._world.now
        self.ticks.append(begun)
        reader = Reader(self._of.poller, PollingConfig(), self._memory)
        reader.read(RUNNING)
        reader.read_again([])
        read_server_states(reader, self._beside)
        self.longest = max(self.longest, self._world.now - begun)
        everything = [*reader.all_snapshots, reader.health, *reader.elsewhere]
        wait = seconds_to_next_tick(everything, self._world.now)
        assert wait is not None
        self._world.at(self._world.now + wait, self.tick)


def an_interval(world: World, viewer: Viewer, seconds: float = 100.0) -> float:
    """How many ticks there are in each interval from now on."""
    before = len(viewer.ticks)
    world.pass_until(world.now + seconds)
    return (len(viewer.ticks) - before) * INTERVAL / seconds


def opened(world: World, gaps: list[float], took: float) -> tuple[Viewer, list[Vpo]]:
    """A viewer of the first server, where each was first asked so long after the one before."""
    servers = [Vpo(world, took) for _ in range(len(gaps) + 1)]
    for vpo, gap in zip(servers, [*gaps, 0.0], strict=True):
        Reader(vpo.poller, PollingConfig(), ReaderMemory(), patience=0.0).read(RUNNING)
        world.pass_until(world.now + gap)
    viewer = Viewer(world, servers[0], servers)
    world.at(world.now, viewer.tick)
    world.pass_until(world.now + 2 * INTERVAL)
    return viewer, servers


@pytest.mark.parametrize("took", [0.01, 0.05])
@pytest.mark.parametrize("gaps", [[0.0], [1.0], [2.0], [3.0], [4.0], [1.0, 2.0, 0.5]])
def test_a_viewer_comes_once_an_interval(gaps: list[float], took: float) -> None:
    world = World()
    viewer, servers = opened(world, gaps, took)
    assert an_interval(world, viewer) <= 1.1
    assert viewer.longest <= PATIENCE
    for vpo in servers:
        recent = [at for at in vpo.asked if at > world.now - 60]
        assert len(recent) <= 2 * 12 + 2


def test_one_that_hangs_delays_the_page_by_a_tenth_of_a_second_and_no_other_line() -> None:
    world = World()
    viewer, servers = opened(world, [0.0, 0.0], 0.01)
    servers[1].took = 10.0
    viewer.longest = 0.0
    asked = len(servers[2].asked)
    world.pass_until(world.now + 9)
    assert viewer.longest == pytest.approx(0.12, abs=0.02)
    assert len(servers[2].asked) >= asked + 2


def test_one_that_fails_is_left_to_its_backoff() -> None:
    world = World()
    viewer, servers = opened(world, [2.0], 0.01)
    servers[1].fails = True
    world.pass_until(world.now + 60)
    asked = len(servers[1].asked)
    world.pass_until(world.now + 240)
    assert len(servers[1].asked) - asked <= 2 * 4
    assert an_interval(world, viewer) <= 1.3


def test_two_viewers_of_other_servers_cost_no_more_than_one() -> None:
    world = World()
    viewer, servers = opened(world, [2.0], 0.01)
    second = Viewer(world, servers[1], servers)
    world.pass_until(world.now + 1.7)
    world.at(world.now, second.tick)
    world.pass_until(world.now + 2 * INTERVAL)
    asked = [len(vpo.asked) for vpo in servers]
    assert an_interval(world, viewer) <= 1.1
    assert len(second.ticks) <= 1.1 * 110 / INTERVAL + 3
    for vpo, before in zip(servers, asked, strict=True):
        assert len(vpo.asked) - before <= 2 * 20 + 4
