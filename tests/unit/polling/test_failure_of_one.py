"""What fails for one query must not harm the others."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.unit.scripted_vpo import GARBAGE, HEALTH, ScriptedVpo, detail, job_path
from vpo_monitor.api import errors
from vpo_monitor.polling import queries
from vpo_monitor.polling.snapshot import State, seconds_to_next_tick

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


@pytest.mark.xfail(
    strict=True,
    reason="One failing job backs off every job's page, until polling is rebuilt",
)
@pytest.mark.parametrize("failure", ALWAYS_FAILS)
def test_a_job_that_always_fails_does_not_delay_the_page_of_another(failure: object) -> None:
    vpo = ScriptedVpo({job_path("bad"): failure, job_path("good"): detail("good")})
    poller = vpo.poller()
    for _ in range(600):  # one viewer has had it open for ten minutes when another opens a page
        vpo.now += 1
        poller.read(queries.job("bad"), 5)
    vpo.now += 1
    assert poller.read(queries.job("good"), 5).state is State.OK


@pytest.mark.xfail(
    strict=True,
    reason="One job's failure is shown on every job's page, until polling is rebuilt",
)
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
