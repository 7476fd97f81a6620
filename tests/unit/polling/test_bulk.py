"""Work of many requests: what is sent after a failure, and what the listener hears."""

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.polled_server import World
from tests.unit.scripted_vpo import GARBAGE, ScriptedVpo, detail, job_path
from vpo_monitor.api import errors
from vpo_monitor.api.models import Job, JobDetail, JobPage
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, BulkRun, Steps
from vpo_monitor.polling.jobs_copy import HISTORY_JOBS, all_jobs
from vpo_monitor.polling.queries import Priority, Route
from vpo_monitor.polling.snapshot import State


def details(*names: str) -> Steps[tuple[str, ...]]:
    got: tuple[str, ...] = ()
    for name in names:
        answer = yield got, queries.job(name)
        got += (answer.status if isinstance(answer, JobDetail) else type(answer).__name__,)
    return got


def abc(*, skips_failures: bool = False) -> BulkQuery[tuple[str, ...]]:
    """Work that requests the details of three jobs."""
    return BulkQuery(Route.DETAIL, lambda: details(*"abc"), skips_failures=skips_failures)


def vpo_of(answer: Any) -> ScriptedVpo:
    """A server whose job `b` is answered so."""
    good = {job_path(name): detail(name) for name in "ac"}
    return ScriptedVpo({**good, job_path("b"): answer})


def test_requests_go_out_one_by_one_and_the_listener_hears_each() -> None:
    vpo, heard = vpo_of(detail("b")), list[Any]()
    poller = vpo.poller(on_answer=lambda query, answer, *_when: heard.append((query, answer.id)))
    work = abc()
    snapshot = poller.read(work, math.inf)
    assert snapshot.data == ("running",) * 3
    assert heard == [(queries.job(name), name) for name in "abc"]
    assert poller.read(work, math.inf).next_attempt_at == math.inf


def test_work_that_has_nothing_to_request_any_more_sends_nothing_and_is_no_failure() -> None:
    vpo = ScriptedVpo()
    work: BulkQuery[tuple[str, ...]] = BulkQuery(Route.DETAIL, details)
    snapshot = vpo.poller().read(work, math.inf)
    assert snapshot.state is State.OK
    assert vpo.requests == []


def test_work_that_is_done_is_not_repeated_because_a_viewer_came_back() -> None:
    vpo = vpo_of(detail("b"))
    poller, work = vpo.poller(), abc()
    poller.read(work, math.inf)
    vpo.now += 100
    assert poller.read(work, math.inf, newer_than=vpo.now).data == ("running",) * 3
    assert len(vpo.requests) == 3
    spare = replace(work, priority=Priority.NICE_TO_HAVE)
    for _ in range(10):
        vpo.now += 2
        poller.read(spare, math.inf, newer_than=1050.0)  # after *Refresh*, once
    assert len(vpo.requests) == 6


@pytest.mark.parametrize("failure", [errors.ServerBusy("busy"), GARBAGE])
def test_a_request_that_failed_is_sent_again(failure: object) -> None:
    vpo = vpo_of(failure)
    poller, work = vpo.poller(), abc()
    for _ in range(60):
        vpo.now += 1
        snapshot = poller.read(work, math.inf)
    assert (snapshot.data, snapshot.state) == (("running",), State.FAILED)
    vpo.answers[job_path("b")] = detail("b")
    vpo.now += 60
    assert poller.read(work, math.inf).data == ("running",) * 3
    assert [len(vpo.times(job_path(name))) for name in "ac"] == [1, 1]


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (errors.ServerBusy("busy"), "ServerBusy"),
        (GARBAGE, "BadResponse"),
        (errors.NotFound("gone"), "NotFound"),
    ],
)
def test_work_that_skips_failures_is_told_of_them(failure: object, name: str) -> None:
    vpo = vpo_of(failure)
    poller, work = vpo.poller(), abc(skips_failures=True)
    for _ in range(30):
        vpo.now += 1
        snapshot = poller.read(work, math.inf)
    assert snapshot.data == ("running", name, "running")
    assert len(vpo.requests) == 3


def test_work_with_a_bug_ends_as_a_failure(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Steps[None]:
        yield None, world.query()
        raise KeyError("secret")

    poller, work = world.poller(), BulkQuery[None](Route.LIST, broken)
    for _ in range(60):
        world.now += 1
        assert isinstance(poller.read(work, math.inf).error, errors.BadResponse)
    assert "secret" not in caplog.text
    assert len(world.asked) <= 6


def test_work_with_a_complete_result_goes_on_only_when_a_newer_one_is_wanted(
    world: World,
) -> None:
    def follow() -> Steps[int]:
        seen = 0
        while True:
            yield seen, world.query()
            seen += 1
            yield seen, None

    poller, work = world.poller(), BulkQuery[int](Route.LIST, follow, (), Priority.IN_VIEW)
    for age in range(10):
        snapshot = poller.read(work, 5)
        assert (snapshot.data, snapshot.age(world.now)) == (1 + age // 5, age % 5)
        world.now += 1
    world.answers[Route.LIST] = errors.ServerBusy("busy")
    assert poller.read(work, math.inf, newer_than=world.now).error is not None
    asked = len(world.asked)
    for _ in range(30):  # polling is off: a failed refresh is not repeated
        world.now += 1
        assert poller.read(work, math.inf).data == 2
    assert len(world.asked) == asked


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (100, 1), (101, 2), (10_000, 10)])
def test_all_jobs_are_requested_page_by_page_and_counted(total: int, pages: int) -> None:
    work = BulkRun(all_jobs(since="7d"))
    asked = []
    while work.request is not None:
        wanted = dict(work.request.arguments)
        asked.append(wanted.get("offset", 0))
        rows = tuple(Job(id=str(number)) for number in range(min(100, total - asked[-1])))
        work.advance(JobPage(rows=rows, total=total))
    assert asked == list(range(0, HISTORY_JOBS, 100))[:pages]
    assert work.result == total
    assert all_jobs(since=None).priority is Priority.NICE_TO_HAVE


@pytest.fixture
def world() -> World:
    return World()
