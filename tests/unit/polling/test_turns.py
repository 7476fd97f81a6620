"""What a poller asks next, how much at once, and what readers are told of it."""

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.polled_server import CLIENT, World, in_spare_time
from vpo_monitor.api import errors
from vpo_monitor.polling.fetch_requirements import BudgetExhausted, FetchRequirements
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Priority, Route
from vpo_monitor.polling.snapshot import Snapshot, State

BUSY = errors.ServerBusy("busy")
GONE = errors.Unreachable("gone")
A_REQUEST = 60 / 80
"""Seconds in which one request flows into a budget of 100 a minute: 20 of them go out at once."""


@pytest.fixture
def world() -> World:
    return World()


def spent(world: World, left: int = 0) -> Budget:
    """A budget of 100 requests a minute of which only so many may go out at once now."""
    budget = Budget(100)
    for _ in range(20 - left):
        budget.take(world.now)
    return budget


def test_a_reader_is_told_of_data_failure_and_the_next_attempt(world: World) -> None:
    poller = world.poller()
    data = "job list 0"
    assert poller.read(world.query(), 5) == Snapshot(
        data, 1000.0, State.OK, None, 0, None, 1005.0, 5, 1
    )
    world.now, world.answers[Route.LIST] = 1006.0, BUSY
    assert poller.read(world.query(), 5) == Snapshot(
        data, 1000.0, State.FAILED, BUSY, 1, None, 1011.0, 5, 1
    )
    world.now, world.answers[Route.LIST] = 1011.0, GONE
    assert poller.read(world.query(), 5) == Snapshot(
        data, 1000.0, State.FAILED, GONE, 1, None, 1016.0, 5, 1
    )
    world.now, world.answers[Route.LIST] = 1016.0, "new"
    assert poller.read(world.query(), 5) == Snapshot(
        "new", 1016.0, State.OK, None, 0, None, 1021.0, 5, 2
    )
    unread = world.waiting_poller().read(world.query(), 7)
    assert unread == Snapshot(None, None, State.WAITING, None, 0, 1016.0, -math.inf, 7)


@pytest.mark.parametrize(("max_age", "again"), [(5, 60), (90, 90)])
def test_what_is_missing_is_asked_for_again_after_a_minute(
    world: World, max_age: float, again: float
) -> None:
    poller = world.poller()
    world.answers[Route.DETAIL] = errors.NotFound("none")
    snapshot = poller.read(world.query(Route.DETAIL), max_age)
    assert (snapshot.state, snapshot.next_attempt_at) == (State.FAILED, 1000 + again)
    world.now += again - 0.1
    poller.read(world.query(Route.DETAIL), max_age)
    assert len(world.asked) == 1
    world.now += 0.1
    poller.read(world.query(Route.DETAIL), max_age)
    assert len(world.asked) == 2


def test_data_that_was_to_be_newer_and_failed_stays_good_until_it_is_too_old(world: World) -> None:
    poller = world.poller()
    poller.read(world.query(), 60)
    world.now, world.answers[Route.LIST] = 1010.0, BUSY
    assert poller.read(world.query(), 60, newer_than=1005.0).error is BUSY
    world.now += 20
    assert poller.read(world.query(), 60).next_attempt_at == 1060.0
    assert len(world.asked) == 2


def test_a_viewers_try_opens_what_is_held_back_at_most_once_a_second(world: World) -> None:
    poller = world.poller()
    poller.retry()  # nothing is held back, so this is no try
    world.answers[Route.LIST] = BUSY
    for moment, asked in ((0.0, 1), (0.5, 2), (1.4, 2), (1.5, 3)):
        world.now = 1000.0 + moment
        poller.retry()
        poller.read(world.query(), 5)
        assert len(world.asked) == asked


def test_four_requests_of_a_route_and_sixteen_in_all_are_under_way_at_once(world: World) -> None:
    poller = world.waiting_poller()
    for number in range(6):
        poller.read(world.query(Route.LIST, number), 5)
    assert len(world.started) == 4
    for route in (Route.STATS, Route.DETAIL, Route.PLANS, Route.ERRORS):
        for number in range(6):
            poller.read(world.query(route, number), 5)
    assert len(world.started) == 16
    world.finish()
    assert len(world.started) == 16  # the next in line took its place


def test_a_failing_route_is_asked_one_at_a_time_and_a_silent_server_too(world: World) -> None:
    poller = world.waiting_poller()
    world.answers[Route.LIST] = BUSY
    for number in range(2):
        poller.read(world.query(Route.LIST, number), 5)
    world.finish()
    world.finish()
    world.now += 5
    for number in range(6):
        poller.read(world.query(Route.LIST, number), 5)
    assert len(world.started) == 1
    world.answers[Route.LIST] = GONE
    world.finish()
    world.now += 20
    for route in (Route.LIST, Route.STATS, Route.HEALTH):
        poller.read(world.query(route), 5)
    assert len(world.started) == 1


def test_the_nice_to_have_goes_one_at_a_time_and_one_in_two_seconds(world: World) -> None:
    poller = world.waiting_poller()

    def sent(at: float, first: int) -> int:
        """How many are sent then, each after the answer to the one before."""
        world.now = at
        for number in range(first, first + 9):
            poller.read(in_spare_time(world.query(Route.DETAIL, number)), 600)
        finished = 0
        while world.started:
            assert len(world.started) == 1
            world.finish()
            finished += 1
        return finished

    assert sent(1000.0, 0) == 3
    assert [sent(at, round(at)) for at in (1001.9, 1002.0, 1005.9, 1006.0)] == [0, 1, 1, 1]
    assert sent(1060.0, 2000) == 3


@pytest.mark.parametrize(
    ("priority", "waits", "reserve"), [(Priority.NICE_TO_HAVE, 30.0, 15), (Priority.BULK, 15.0, 10)]
)
def test_lower_priorities_leave_a_part_of_the_budget_until_they_have_waited_long(
    world: World, priority: Priority, waits: float, reserve: int
) -> None:
    query = replace(world.query(Route.DETAIL), priority=priority)
    poller = world.waiting_poller(spent(world, left=reserve))
    snapshot = poller.read(query, math.inf)
    assert world.started == []
    assert snapshot.next_attempt_at == pytest.approx(1000.0 + A_REQUEST)
    budget = spent(world, left=1)
    poller = world.waiting_poller(budget)
    for second in range(int(waits) + 1):
        world.now = 1000.0 + min(second, waits - 0.01)
        while budget.left(world.now) >= 2:
            budget.take(world.now)
        poller.read(query, math.inf)
        assert world.started == []
    world.now = 1000.0 + waits
    poller.read(query, math.inf)
    assert len(world.started) == 1


def test_a_free_budget_lets_patient_work_go_at_once(world: World) -> None:
    for query in (world.steps(), in_spare_time(world.query(Route.DETAIL))):
        world.started.clear()
        world.waiting_poller().read(query, math.inf)
        assert len(world.started) == 1


def test_readers_are_told_when_their_turn_comes_if_the_budget_is_spent(world: World) -> None:
    poller = world.waiting_poller(spent(world))
    first = poller.read(world.query(Route.LIST), 5)
    world.now += 0.1
    second = poller.read(world.query(Route.STATS), 5)
    bulk = poller.read(world.steps(), 5)
    expected = [1000 + A_REQUEST, 1000 + 2 * A_REQUEST, 1000 + 13 * A_REQUEST]
    assert [one.next_attempt_at for one in (first, second, bulk)] == pytest.approx(expected)
    assert {one.state for one in (first, second, bulk)} == {State.WAITING}
    world.now = 1000 + A_REQUEST + 0.001
    poller.read(world.query(Route.STATS), 5)
    world.finish()
    assert world.asked == [Route.LIST]


def test_a_machine_that_sleeps_while_a_reader_waits_costs_no_reader_its_answer(
    world: World,
) -> None:
    moments = iter((1000.0,))
    poller = Poller(CLIENT, spent(world), now=lambda: next(moments, 90_000.0), patience=0.0)
    assert poller.read(world.query(), 5).state is State.WAITING


def test_a_fetch_for_which_another_process_has_no_request_free_waits_as_long_as_said(
    world: World,
) -> None:
    needs: list[FetchRequirements] = []

    def none_free(need: FetchRequirements) -> Any:
        needs.append(need)
        raise BudgetExhausted(3.0)

    poller = world.poller(client_for=none_free)
    snapshot = poller.read(world.query(), 5)
    assert (snapshot.state, snapshot.next_attempt_at) == (State.WAITING, 1003.0)
    assert (snapshot.fetching_since, snapshot.error) == (None, None)
    for moment, tries in ((1002.9, 1), (1003.0, 2)):
        world.now = moment
        poller.read(world.query(), 5)
        assert len(needs) == tries
    assert world.asked == []
    assert {need.wanted_since for need in needs} == {1000.0}


def test_an_answer_that_another_process_asked_for_has_the_age_that_it_says(world: World) -> None:
    def asked_earlier(need: FetchRequirements) -> Any:
        need.answered_at = 998.0

    poller = world.poller(client_for=asked_earlier)
    snapshot = poller.read(world.query(), 5)
    assert (snapshot.fetched_at, snapshot.next_attempt_at) == (998.0, 1003.0)


def test_a_listener_hears_when_each_answer_was_asked_for_and_how_long_it_took(
    world: World,
) -> None:
    heard: list[tuple[Any, ...]] = []
    poller = world.waiting_poller(on_answer=lambda *told: heard.append(told))
    query = world.query()
    poller.read(query, 5)
    world.now += 2
    world.finish()
    assert heard == [(query, "job list 0", 1000.0, 2.0)]
