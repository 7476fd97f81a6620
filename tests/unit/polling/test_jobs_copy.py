"""All jobs of a view, page by page, while the list changes, the server fails and others ask."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.log_server import run
from vpo_monitor.analysis.job_filter import JobFilter
from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import Params
from vpo_monitor.api.models import Job, JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.polling import jobs_copy as module
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkRun
from vpo_monitor.polling.jobs_copy import JobsCopy, jobs_copy
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.snapshot import State, seconds_to_next_tick

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COPY = jobs_copy(JobFilter(status="failed").query(), 0)


class JobsServer(VpoClient):
    """A server whose list is `ids`; `between` changes it after each page that is asked for."""

    def __init__(self, count: int, between: Callable[[list[str]], None] | None = None) -> None:
        super().__init__(Server("test", "http://127.0.0.1:1"))
        self.ids = [str(number) for number in range(count)]
        self.asked: list[dict[str, Any]] = []
        self.unreadable: set[str] = set()
        self.error: errors.VpoError | None = None
        self._between = between or (lambda _ids: None)

    def request(
        self, model: type[Any], path: str, params: Params | None = None, **_named: object
    ) -> Any:
        """All else that is asked is its health."""
        if model is JobPage:
            return self.page(**(params or {}))
        return model(status="healthy", jobs_running=1, jobs_queued=0)

    def page(self, **wanted: Any) -> JobPage:
        self.asked.append({name: value for name, value in wanted.items() if value is not None})
        if self.error is not None:
            raise self.error
        ids = self.ids[wanted["offset"] : wanted["offset"] + wanted["limit"]]
        rows = tuple(Job(id=one) for one in ids if one not in self.unreadable)
        page = JobPage(rows=rows, total=len(self.ids), skipped=len(ids) - len(rows))
        self._between(self.ids)
        return page

    @property
    def offsets(self) -> list[int]:
        return [wanted["offset"] for wanted in self.asked]


def ids(copy: JobsCopy) -> list[str]:
    return [job.id for job in copy.rows]


@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (195, 2), (196, 3), (1050, 11)]
)
def test_a_copy_has_each_job_once_and_in_the_order_of_the_view(count: int, requests: int) -> None:
    server = JobsServer(count)
    copy = run(COPY, server)
    assert ids(copy) == server.ids
    assert (copy.total, copy.is_changed, copy.is_full) == (count, False, False)
    assert len(server.asked) == requests


def test_a_copy_asks_for_the_view_and_nothing_else() -> None:
    server = JobsServer(1)
    view = JobFilter("failed", "scan", "7d", "a b", "duration", "asc", page=4)
    run(jobs_copy(view.query(), 3), server)
    assert server.asked == [
        {"status": "failed", "type": "scan", "since": "7d", "search": "a b"}
        | {"sort": "duration", "order": "asc", "limit": 100, "offset": 0}
    ]


def test_a_job_that_is_on_two_pages_is_there_once_and_as_it_was_seen_last() -> None:
    work = BulkRun(COPY)
    work.advance(JobPage(rows=tuple(Job(id=str(n)) for n in range(100)), total=101))
    copy = work.advance(JobPage(rows=(Job(id="99", status="failed"), Job(id="100")), total=102))
    assert copy is not None
    assert ids(copy) == [str(number) for number in range(101)]
    assert copy.rows[99].status == "failed"
    assert (copy.is_done, copy.is_changed, copy.total) == (True, True, 102)


@pytest.mark.parametrize(
    "seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 12))]
)
def test_no_job_that_stays_is_missed_or_there_twice_whatever_comes_and_goes(seed: int) -> None:
    chance = random.Random(seed)
    gone: set[str] = set()
    new = iter(range(10_000, 99_999))

    def change(listed: list[str]) -> None:
        for _ in range(chance.choice((0, 0, 1, 3, 150))):
            listed.insert(chance.choice((0, len(listed))), str(next(new)))
        for _ in range(chance.choice((0, 0, 1, 4, 30, 250))):
            if listed:
                gone.add(listed.pop(chance.randrange(min(len(listed), 200))))

    server = JobsServer(1500, change)
    stayed_from = list(server.ids)
    copy = run(COPY, server)
    found = ids(copy)
    assert len(found) == len(set(found))
    assert [one for one in found if one in stayed_from and one not in gone] == [
        one for one in stayed_from if one not in gone
    ]


def test_a_list_that_is_emptied_meanwhile_ends_the_copy() -> None:
    copy = run(COPY, JobsServer(900, list.clear))
    assert (len(copy.rows), copy.total, copy.is_changed, copy.is_done) == (100, 0, True, True)


def test_jobs_that_cannot_be_read_are_left_out_and_lead_nowhere_else() -> None:
    server = JobsServer(400)
    server.unreadable = {str(number) for number in range(90, 210)}
    copy = run(COPY, server)
    assert (len(copy.rows), copy.total, copy.is_changed) == (280, 400, False)


def test_of_more_jobs_than_a_file_may_have_the_first_are_taken() -> None:
    server = JobsServer(34_567)
    copy = run(COPY, server)
    assert ids(copy) == server.ids[: module.MOST_JOBS]
    assert (copy.is_full, copy.total) == (True, 34_567)
    assert len(server.asked) == 106


@pytest.mark.parametrize("count", [10_000, 10_001, 10_050])
def test_a_copy_is_full_only_if_jobs_are_left_out(count: int) -> None:
    copy = run(COPY, JobsServer(count))
    assert len(copy.rows) == min(count, module.MOST_JOBS)
    assert copy.is_full == (count > module.MOST_JOBS)


def test_jobs_with_endless_paths_end_a_copy_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHARACTERS", 500)
    copy = run(COPY, JobsServer(1000))
    assert copy.is_full
    assert len(copy.rows) < 300


def test_a_server_whose_list_never_fits_together_is_asked_no_longer() -> None:
    new = iter(range(10**9))

    def other(listed: list[str]) -> None:
        listed[:] = [f"x{next(new)}" for _ in range(5000)]

    server = JobsServer(5000, other)
    assert run(COPY, server).is_full
    assert len(server.asked) == module.MOST_REQUESTS


def test_a_server_that_counts_jobs_and_lists_none_is_asked_once() -> None:
    server = JobsServer(0)
    server.page = lambda **_wanted: JobPage(total=5000)  # type: ignore[method-assign]
    copy = run(COPY, server)
    assert (copy.requests, copy.rows, copy.total) == (1, (), 5000)


def test_viewers_of_one_view_share_a_copy_and_a_new_one_begins_anew() -> None:
    view = JobFilter(status="failed")
    assert jobs_copy(JobFilter(status="failed", page=7).query(), 0) == COPY
    assert jobs_copy(view.query(), 1) != COPY
    assert jobs_copy(JobFilter().query(), 0) != COPY


def test_a_copy_tells_when_it_was_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(NOW + timedelta(seconds=n) for n in range(9))
    monkeypatch.setattr(module, "_utcnow", lambda: next(times))
    copy = run(COPY, JobsServer(290))
    assert (copy.begun_at, copy.fetched_at) == (NOW, NOW + timedelta(seconds=3))


class World:
    """A poller that fetches at once, by a clock that goes from tick to tick."""

    def __init__(self, server: JobsServer) -> None:
        self.now = 1000.0
        self.sent = list[float]()
        self.server = server
        self.poller = Poller(
            server,
            Budget(100),
            now=lambda: self.now,
            random=lambda: 0.5,
            start=self._start,
            patience=0.0,
        )

    def _start(self, work: Callable[[], None]) -> None:
        self.sent.append(self.now)
        work()

    def read(self) -> Any:
        return self.poller.read(COPY, math.inf)

    def tick(self) -> None:
        wait = seconds_to_next_tick([self.read()], self.now)
        self.now += 1.0 if wait is None else max(wait, 0.1)


def test_a_long_copy_stays_within_the_budget_and_starves_no_live_page() -> None:
    world = World(JobsServer(10_000))
    live, health = queries.jobs(limit=100, offset=0), queries.health()
    ages = list[float]()
    while not (copy := world.read().data) or not copy.is_done:
        ages.append(world.poller.read(live, 5.0).age(world.now) or 0.0)
        ages.append(world.poller.read(health, 5.0).age(world.now) or 0.0)
        world.now += 0.5
        assert world.now < 1000.0 + 150, "it takes too long"
    assert max(ages) <= 5.5
    for moment in world.sent:
        assert sum(moment - 60 < other <= moment for other in world.sent) <= 100


def test_a_page_that_opens_during_a_copy_is_answered_at_once() -> None:
    world = World(JobsServer(9000))
    for _ in range(40):
        world.read()
        world.now += 0.5
    opened = [world.poller.read(queries.jobs(limit=1, offset=number), 5.0) for number in range(6)]
    assert all(snapshot.data is not None for snapshot in opened)
    assert not world.read().data.is_done


def test_a_held_database_makes_a_copy_wait_and_it_goes_on_where_it_was() -> None:
    world = World(JobsServer(2000))
    world.tick()
    got = len(world.read().data.rows)
    world.server.error = errors.ServerBusy("VPO is busy.")
    held_until = world.now + 300.0
    asked = len(world.server.asked)
    while world.now < held_until:
        world.tick()
    assert world.read().state is State.FAILED
    assert len(world.read().data.rows) == got
    assert len(world.server.asked) - asked < 12
    world.server.error = None
    while not world.read().data.is_done:
        world.tick()
    assert ids(world.read().data) == world.server.ids
    answered = list(dict.fromkeys(world.server.offsets))
    assert answered == list(range(0, 2000 - 100 + 95, 95))
    assert len(world.server.offsets) - len(answered) < 12


def test_a_copy_that_nobody_reads_any_more_is_given_up_and_goes_on_for_who_comes_back() -> None:
    world = World(JobsServer(5000))
    world.read()
    world.now += 11.0
    asked = len(world.server.asked)
    for _ in range(30):
        world.poller.read(queries.health(), 1.0)
        world.now += 1.0
    assert len(world.server.asked) == asked
    world.read()
    assert len(world.server.asked) > asked
    assert world.server.offsets.count(0) == 1
