import contextlib
import math
from typing import Any

import pytest

from tests.unit.polling.shared.conftest import Process, World
from vpo_monitor.api import errors
from vpo_monitor.api.json_http import Params
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.fetch_requirements import BudgetExhausted
from vpo_monitor.polling.log_tail import log_tail
from vpo_monitor.polling.queries import Priority, Route
from vpo_monitor.polling.snapshot import TICK_MARGIN, State, seconds_to_next_tick

JOBS: dict[str, Any] = {"jobs": [], "total": 0}
LIST = queries.jobs()


@pytest.fixture(autouse=True)
def answering(world: World) -> None:
    world.vpo.answers |= {"/api/jobs": JOBS, "/health": {"status": "healthy"}}


def watch(world: World, begun: dict[Process, float], seconds: float, late: float) -> int:
    """How many requests come of a viewer of each process, who ticks when its page wants to.

    Each begins after so many seconds, and every second tick comes `late`.
    """
    ticks = {process: world.now + wait for process, wait in begun.items()}
    counts = dict.fromkeys(begun, 0)
    end, asked = world.now + seconds, len(world.vpo.asked)
    while (moment := min(ticks.values())) < end:
        world.now = max(world.now, moment)
        process = min(ticks, key=lambda p: ticks[p])
        snapshots = [process.poller.read(query, 5) for query in (queries.health(), LIST)]
        wait = seconds_to_next_tick(snapshots, process.now())
        assert wait is not None
        counts[process] += 1
        ticks[process] = world.now + wait + late * (counts[process] % 2)
    return len(world.vpo.asked) - asked


def spend_all(process: Process) -> None:
    """Have no request free any more."""
    with contextlib.suppress(BudgetExhausted):
        while True:
            process.budget.take(Priority.IN_VIEW)


@pytest.mark.parametrize("late", [0.0, 0.3])
def test_four_processes_ask_no_more_than_one(world: World, late: float) -> None:
    alone = watch(world, {world.process(): 0.0}, 300, late)
    world.now += 60
    four = {world.process(): wait for wait in (0.0, 1.3, 2.9, 4.4)}
    assert watch(world, four, 300, late) <= alone
    assert 110 <= alone <= 120


def test_when_it_stops_who_asked_the_others_go_on(world: World) -> None:
    four = {world.process(): wait for wait in (0.0, 1.3, 2.9, 4.4)}
    watch(world, four, 60, 0.0)
    four.pop(next(iter(four)))
    assert watch(world, four, 60, 0.0) <= 24
    world.store.down = "cannot be reached"
    on_their_own = watch(world, four, 60, 0.0)
    assert 24 < on_their_own <= 3 * 24
    for process in four:
        assert process.poller.read(LIST, 5).state is State.OK
        assert process.guard.problem is not None


def test_all_know_when_the_answer_came_and_ask_again_at_the_same_moment(world: World) -> None:
    first, second = world.process(), world.process()
    first.poller.read(LIST, 5)
    world.now += 3
    shared = second.poller.read(LIST, 5)
    assert shared.age(second.now()) == pytest.approx(3)
    assert shared.next_attempt_at - second.now() == pytest.approx(2)
    assert seconds_to_next_tick([shared], second.now()) == pytest.approx(2 + TICK_MARGIN)


def test_a_refresh_asks_anew_and_the_others_take_what_it_brought(world: World) -> None:
    first, second = world.process(), world.process()
    first.poller.read(LIST, 5)
    world.now += 1
    second.poller.read(LIST, 5)
    assert len(world.vpo.asked) == 1
    world.now += 1
    fresh = second.poller.read(LIST, 5, newer_than=second.now())
    assert len(world.vpo.asked) == 2
    assert fresh.age(second.now()) == 0
    world.now += 3.1
    assert first.poller.read(LIST, 5).age(first.now()) == pytest.approx(3.1)
    assert len(world.vpo.asked) == 2


def test_a_failing_server_is_asked_once_for_all(world: World) -> None:
    world.vpo.answers["/api/jobs"] = errors.ServerBusy("busy")
    processes = [world.process() for _ in range(4)]
    for _ in range(6000):
        for process in processes:
            snapshot = process.poller.read(LIST, 5)
            assert snapshot.state is State.FAILED
        world.now += 0.1
    alone, started = world.process(), world.now
    world.store.values.clear()
    asked = len(world.vpo.asked)
    while world.now < started + 600:
        alone.poller.read(LIST, 5)
        world.now += 0.1
    assert asked <= len(world.vpo.asked) - asked + 2


def test_who_tries_again_does_not_take_the_failure_of_before(world: World) -> None:
    world.vpo.answers["/api/jobs"] = errors.Unauthorized("no")
    first, second = world.process(), world.process()
    for process in (first, second):
        assert process.poller.read(LIST, 5).state is State.STOPPED
    world.vpo.answers["/api/jobs"] = JOBS
    world.now += 2
    assert second.poller.read(LIST, 5).state is State.STOPPED
    second.poller.retry()
    assert second.poller.read(LIST, 5).state is State.OK
    first.poller.retry()
    world.now += 0.1
    assert first.poller.read(LIST, 5).state is State.OK


def test_a_failure_that_was_heard_is_not_heard_again(world: World) -> None:
    world.vpo.answers["/api/jobs"] = errors.Unreachable("refused at once")
    first, second = world.process(), world.process()
    first.poller.read(LIST, 5)
    world.now += 1
    assert second.poller.read(LIST, 5).failures == 1
    world.vpo.answers["/api/jobs"] = JOBS
    world.now += 4
    assert second.poller.read(LIST, 5).state is State.OK


def test_what_is_wanted_once_is_asked_for_when_it_is_wanted(world: World) -> None:
    first, second = world.process(), world.process()
    first.poller.read(LIST, 5)
    world.now += 1
    assert second.poller.read(LIST, math.inf).age(second.now()) == 0
    assert len(world.vpo.asked) == 2


def test_the_steps_of_a_log_are_shared(world: World) -> None:
    lines = [f"line {number}" for number in range(1, 2001)]

    def log(params: Params | None) -> dict[str, Any]:
        given = dict(params or {})
        offset, count = int(given["offset"] or 0), int(given["lines"] or 0)
        page = lines[offset : offset + count]
        return {
            "lines": page,
            "offset": offset,
            "total_lines": len(lines),
            "has_more": offset + len(page) < len(lines),
        }

    path = "/api/jobs/1/logs"
    world.vpo.took = 0.01
    world.vpo.answers[path] = log
    first, second = world.process(), world.process()
    tail, shared = (process.poller.read(log_tail("1"), 15).data for process in (first, second))
    assert tail is not None
    assert shared == tail
    assert (tail.end, tail.lines[-1]) == (2000, "line 2000")
    assert len(world.vpo.asked) == 2
    lines.append("line 2001")
    world.now += 15
    for process in (second, first):
        followed = process.poller.read(log_tail("1"), 15).data
        assert followed is not None
        assert (followed.lines[-1], followed.resynced) == ("line 2001", None)
    assert len(world.vpo.asked) == 3


def test_who_finds_no_free_request_waits_in_the_line_and_not_in_a_thread(world: World) -> None:
    greedy, modest = world.process(), world.process()
    spend_all(greedy)
    snapshot = modest.poller.read(LIST, 5)
    assert snapshot.state is State.WAITING
    assert snapshot.fetching_since is None  # so that the page says what it waits for
    assert snapshot.next_attempt_at - modest.now() == pytest.approx(60 / 80)
    world.now += 0.5
    assert modest.poller.read(LIST, 5).state is State.WAITING
    world.now += 0.3
    assert modest.poller.read(LIST, 5).state is State.OK
    assert len(world.vpo.asked) == 1


def test_what_others_know_needs_no_free_request(world: World) -> None:
    first, second = world.process(), world.process()
    first.poller.read(LIST, 5)
    spend_all(first)
    assert second.poller.read(LIST, 5).state is State.OK


def test_details_that_one_process_has_requested_are_no_request_of_the_others(world: World) -> None:
    names = [str(number) for number in range(10)]
    world.vpo.answers |= {f"/api/jobs/{name}": {"id": name} for name in names}

    def details() -> Steps[None]:
        for name in names:
            yield None, queries.job(name)

    work = BulkQuery[None](Route.DETAIL, details, (), Priority.NICE_TO_HAVE, reuse=60.0)
    processes = [world.process() for _ in range(3)]
    for _ in range(60):
        for process in processes:
            process.poller.read(work, math.inf)
        world.now += 1
    assert len(world.vpo.asked) == len(names)
