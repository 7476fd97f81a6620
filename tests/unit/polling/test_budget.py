import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.queries import Priority


@given(
    st.integers(1, 200),
    st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=400),
)
def test_no_minute_holds_more_than_the_budget(per_minute: int, gaps: list[float]) -> None:
    budget, now, taken = Budget(per_minute), 0.0, list[float]()
    for gap in gaps:
        now += gap / 10
        while budget.take(now):
            taken.append(now)
    for start in taken:
        assert sum(start <= moment < start + 60 for moment in taken) <= max(per_minute, 1)


@pytest.mark.parametrize(
    ("per_minute", "at_once", "then_a_minute", "bulk", "nice_to_have"),
    [
        (100, 20, 80, 10, 15),
        (30, 6, 24, 3, 4),
        (9, 1, 8, 0, 0),
        (4, 1, 3, 0, 0),
        (1, 1, 0.5, 0, 0),
        (0, 1, 0.5, 0, 0),  # nothing at all would be no polling
    ],
)
def test_a_fifth_may_go_out_at_once_and_the_rest_flows_in(
    per_minute: int, at_once: int, then_a_minute: float, bulk: int, nice_to_have: int
) -> None:
    budget = Budget(per_minute)
    assert budget.left(0.0) == at_once
    for left in range(at_once - 1, -1, -1):
        assert budget.take(0.0)
        assert budget.left(0.0) == left
    assert not budget.take(0.0)
    assert budget.wait(0.0) == pytest.approx(60 / then_a_minute)
    assert [budget.reserve(priority) for priority in Priority] == [0, bulk, nice_to_have]
    assert budget.left(30.0) == pytest.approx(min(at_once, then_a_minute / 2))
    assert budget.left(6000.0) == at_once


@pytest.mark.parametrize(
    ("given", "at_once"), [(0.0, 0), (2.9, 2), (20.0, 20), (99.0, 20), (-5.0, 0)]
)
def test_a_budget_that_others_have_spent_begins_with_what_is_left(
    given: float, at_once: int
) -> None:
    budget = Budget(100, tokens=given)
    assert sum(budget.take(0.0) for _ in range(30)) == at_once


def test_one_is_spent_only_if_enough_are_left_for_others() -> None:
    budget = Budget(100)
    assert sum(budget.take(0.0, Priority.NICE_TO_HAVE) for _ in range(30)) == 5
    assert sum(budget.take(0.0, Priority.BULK) for _ in range(30)) == 5
    assert sum(budget.take(0.0) for _ in range(30)) == 10


def test_a_pause_holds_for_its_priority_and_lower_ones() -> None:
    budget = Budget(100)
    budget.pause(5.0, Priority.BULK)
    budget.pause(3.0, Priority.NICE_TO_HAVE)
    assert [budget.take(4.9, priority) for priority in Priority] == [True, False, False]
    assert [budget.wait(4.0, priority=priority) for priority in Priority] == [0.0, 1.0, 1.0]
    assert budget.take(5.0, Priority.BULK)


def test_a_request_that_was_not_sent_is_given_back() -> None:
    budget = Budget(100)
    budget.take(0.0)
    budget.refund()
    assert budget.left(0.0) == 20
    budget.refund()
    assert budget.left(0.0) == 20


def test_waiting_as_long_as_said_is_enough() -> None:
    budget = Budget(100)
    assert budget.wait(0.0, ahead=19) == 0.0
    while budget.take(0.0):
        pass
    assert budget.wait(0.0) == pytest.approx(0.75)
    assert budget.wait(0.0, ahead=3) == pytest.approx(4 * 0.75)
    assert budget.wait(0.0, 3, Priority.BULK) == pytest.approx(14 * 0.75)
    assert budget.wait(0.5) == pytest.approx(0.25)
    assert not budget.take(0.74)
    assert budget.take(0.76)


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    budget = Budget(100)
    budget.take(100.0)
    assert budget.left(50.0) == 19
