"""What has come apart is asked for together again, so that a viewer comes once an interval."""

import math

import pytest

from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import ServerBusy
from vpo_monitor.api.models import Health
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query, Route


class Apart:
    """A page of a list whose first answer comes `gap` seconds after that of the health."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        gap: float,
        *,
        budget: int = 100,
        max_age: float | None = None,
    ) -> None:
        self.now = 1000.0
        self.asked: dict[str, list[float]] = {"health": [], "list": []}
        self.fails = False
        self.memory = ReaderMemory()
        self.poller = Poller(
            VpoClient(Server("test", "http://127.0.0.1:1")),
            Budget(budget),
            now=lambda: self.now,
            start=lambda work: work(),
            patience=0.0,
        )
        healthy: Query[Health] = Query(Route.HEALTH, self.health)
        monkeypatch.setattr(queries, "health", lambda: healthy)
        Reader(self.poller, PollingConfig(), ReaderMemory())  # another page
        self.now += gap
        reader = Reader(self.poller, PollingConfig(), self.memory)
        reader.read(Query(Route.LIST, self.list), max_age)
        self.readings = tuple(reader.reads)

    def health(self, _client: VpoClient) -> Health:
        self.asked["health"].append(self.now)
        return Health(status="healthy", jobs_running=1, jobs_queued=0)

    def list(self, _client: VpoClient) -> str:
        self.asked["list"].append(self.now)
        if self.fails:
            raise ServerBusy("held")
        return "jobs"

    def tick_each_second(self, seconds: int) -> None:
        for told in self.asked.values():
            told.clear()
        for _ in range(seconds):
            self.now += 1
            Reader(self.poller, PollingConfig(), self.memory).read_again(self.readings)


@pytest.mark.parametrize("gap", [1, 2, 3, 4])
def test_from_the_second_interval_on_all_is_asked_for_at_once(
    gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Apart(monkeypatch, gap)
    page.tick_each_second(10)
    page.tick_each_second(60)
    assert page.asked["list"] == page.asked["health"]
    assert len(page.asked["list"]) == 12


@pytest.mark.parametrize("gap", [1, 2, 3, 4])
def test_that_takes_one_request(gap: float, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Apart(monkeypatch, gap)
    page.tick_each_second(60)
    assert sum(map(len, page.asked.values())) <= 2 * 12 + 1


def test_what_has_an_interval_of_its_own_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Apart(monkeypatch, 3, max_age=7.0)
    page.tick_each_second(70)
    assert len(page.asked["list"]) == 10


def test_what_comes_apart_again_and_again_costs_a_request_a_minute_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = Apart(monkeypatch, 3, budget=8)  # too few for an interval of 5 s
    gathered = set()
    for _ in range(300):
        page.tick_each_second(1)
        gathered.add(page.memory.gathered_at)
    assert 1 <= len(gathered - {-math.inf}) <= 5


def test_what_fails_is_left_to_its_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Apart(monkeypatch, 3)
    page.fails = True
    page.tick_each_second(60)
    assert page.memory.gathered_at < 1000
    assert len(page.asked["list"]) < 6
