"""What fails for one query must not harm the others."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.unit.scripted_vpo import GARBAGE, HEALTH, ScriptedVpo, detail, job_path
from vpo_monitor.api import errors
from vpo_monitor.polling import queries
from vpo_monitor.polling.snapshot import State, seconds_to_next_tick

if TYPE_CHECKING:
    from vpo_monitor.polling.poller import Poller

ALWAYS_FAILS = [
    pytest.param(errors.ServerBusy("VPO answered 500."), id="500"),
    pytest.param(GARBAGE, id="garbage"),
]


@dataclass
class Threads:
    """Starts threads (here: runs their work) unless the system has none left."""

    is_exhausted: bool = False
    tries: int = 0

    def start(self, work: Callable[[], None]) -> None:
        self.tries += 1
        if self.is_exhausted:
            raise RuntimeError("can't start new thread")
        work()


def test_a_query_without_a_thread_is_fetched_once_there_are_threads_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    vpo, threads = ScriptedVpo({"/health": HEALTH}), Threads(is_exhausted=True)
    poller = vpo.poller(start=threads.start)
    waiting = poller.read(queries.health(), 5)
    assert waiting.state is State.WAITING
    assert waiting.fetching_since is None
    assert "Couldn't start a thread to poll VPO" in caplog.text
    threads.is_exhausted = False
    vpo.now += seconds_to_next_tick([waiting], vpo.now) or 0.0
    assert poller.read(queries.health(), 5).state is State.OK


def test_what_is_not_sent_for_lack_of_a_thread_costs_no_budget() -> None:
    vpo, threads = ScriptedVpo({"/health": HEALTH}), Threads(is_exhausted=True)
    poller = vpo.poller(start=threads.start)
    left = poller.figures().budget_left
    poller.read(queries.health(), 5)
    assert threads.tries == 1
    assert poller.figures().budget_left == left


def test_the_last_answer_stays_while_no_thread_can_be_started() -> None:
    vpo, threads = ScriptedVpo({"/health": HEALTH}), Threads()
    poller = vpo.poller(start=threads.start)
    poller.read(queries.health(), 5)
    threads.is_exhausted = True
    for _ in range(60):
        vpo.now += 1
        kept = poller.read(queries.health(), 5)
    assert kept.data is not None
    assert kept.age(vpo.now) == 60
    assert threads.tries < 15  # not one for each reader that comes by
    threads.is_exhausted = False
    vpo.now = max(vpo.now, kept.next_attempt_at)
    assert poller.read(queries.health(), 5).age(vpo.now) == 0


def test_a_fetch_ends_although_no_thread_can_be_started_for_the_next() -> None:
    """The end of one fetch starts what could not start before it."""
    vpo = ScriptedVpo({"/health": HEALTH, "/api/about": {"version": "0.2.0"}})
    vpo.answers |= {job_path(name): detail(name) for name in "abcde"}
    works: list[Callable[[], None]] = []
    poller = vpo.poller(start=works.append)
    for name in "abcde":  # one more than may be under way at once
        poller.read(queries.job(name), 5)
    threads = Threads(is_exhausted=True)
    poller._start = threads.start
    works[0]()
    assert threads.tries
    assert poller.read(queries.job("a"), 5).state is State.OK
    threads.is_exhausted = False
    for work in works[1:]:
        work()
    vpo.now += 10
    assert {poller.read(queries.job(name), 60).state for name in "abcde"} == {State.OK}


@pytest.mark.parametrize("failure", ALWAYS_FAILS)
def test_a_page_beside_one_that_always_fails_is_seldom_older_than_two_intervals(
    failure: object,
) -> None:
    vpo = ScriptedVpo({job_path("bad"): failure, job_path("good"): detail("good")})
    poller = vpo.poller()
    ages = []
    for _ in range(600):
        vpo.now += 1
        poller.read(queries.job("bad"), 5)
        ages.append(poller.read(queries.job("good"), 5).age(vpo.now))
    assert max(age or 0.0 for age in ages[10:]) <= 10


@pytest.mark.parametrize("failure", ALWAYS_FAILS)
def test_a_job_that_always_fails_does_not_delay_the_page_of_another(failure: object) -> None:
    vpo = ScriptedVpo({job_path("bad"): failure, job_path("good"): detail("good")})
    poller = vpo.poller()
    for _ in range(600):  # one viewer has had it open for ten minutes when another opens a page
        vpo.now += 1
        poller.read(queries.job("bad"), 5)
    vpo.now += 1
    assert poller.read(queries.job("good"), 5).state is State.OK


@pytest.mark.parametrize("failure", ALWAYS_FAILS)
def test_a_job_that_always_fails_is_no_failure_of_another(failure: object) -> None:
    vpo = ScriptedVpo({job_path("bad"): failure, job_path("good"): detail("good")})
    poller = vpo.poller()
    states = set()
    for _ in range(60):
        vpo.now += 1
        poller.read(queries.job("bad"), 5)
        states.add(poller.read(queries.job("good"), 5).state)
    assert states <= {State.WAITING, State.OK}


@pytest.mark.parametrize("failure", ALWAYS_FAILS)
def test_jobs_that_fail_hold_back_all_jobs_if_none_succeeds(failure: object) -> None:
    vpo = ScriptedVpo({job_path(name): failure for name in "abcdef"})
    poller = vpo.poller()
    for _ in range(600):
        vpo.now += 1
        for name in "abcdef":
            poller.read(queries.job(name), 5)
    late = [moment for moment, _path in vpo.requests if moment > 1300]
    assert len(late) <= 6  # of a route that is tried every two minutes


class BlockingHandler(logging.Handler):
    """A log handler that uses the poller, as one that reports to a page might."""

    def __init__(self) -> None:
        super().__init__()
        self.poller: Poller | None = None
        self.was_free: list[bool] = []

    def emit(self, _record: logging.LogRecord) -> None:
        assert self.poller is not None
        reader = threading.Thread(target=self.poller.figures, daemon=True)
        reader.start()
        reader.join(5)
        self.was_free.append(not reader.is_alive())


@pytest.fixture
def handler() -> Iterator[BlockingHandler]:
    handler, logger = BlockingHandler(), logging.getLogger("vpo_monitor.polling.outages")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def test_nothing_is_logged_while_readers_wait_for_the_poller(handler: BlockingHandler) -> None:
    vpo = ScriptedVpo({"/health": errors.ServerBusy("VPO answered 500.")})
    works: list[Callable[[], None]] = []
    poller = handler.poller = vpo.poller(start=works.append)
    poller.read(queries.health(), 5)
    works.pop()()  # fails
    vpo.answers["/health"] = HEALTH
    vpo.now += 10
    poller.read(queries.health(), 5)
    works.pop()()  # works again
    poller._start = Threads(is_exhausted=True).start
    vpo.now += 10
    poller.read(queries.health(), 5)  # cannot be sent
    assert handler.was_free == [True, True, True]
