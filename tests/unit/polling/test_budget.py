import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpo_monitor.polling.limits import Budget


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
    ("per_minute", "at_once", "then_a_minute", "reserve", "background_reserve"),
    [
        (100, 20, 80, 10, 18),
        (30, 6, 24, 3, 5),
        (9, 1, 8, 0, 0),
        (4, 1, 3, 0, 0),
        (1, 1, 0.5, 0, 0),
        (0, 1, 0.5, 0, 0),  # nothing at all would be no polling
    ],
)
def test_a_fifth_may_go_out_at_once_and_the_rest_flows_in(
    per_minute: int, at_once: int, then_a_minute: float, reserve: int, background_reserve: int
) -> None:
    budget = Budget(per_minute)
    assert budget.left(0.0) == at_once
    for left in range(at_once - 1, -1, -1):
        assert budget.take(0.0)
        assert budget.left(0.0) == left
    assert not budget.take(0.0)
    assert budget.wait(0.0) == pytest.approx(60 / then_a_minute)
    assert budget.patience == pytest.approx(4 * 60 / then_a_minute)
    assert (budget.reserve, budget.background_reserve) == (reserve, background_reserve)
    assert budget.left(30.0) == pytest.approx(min(at_once, then_a_minute / 2))
    assert budget.left(6000.0) == at_once


def test_one_is_spent_only_if_enough_are_left_for_others() -> None:
    budget = Budget(100)
    assert not budget.take(0.0, keep=20)
    assert budget.take(0.0, keep=19)
    assert not budget.take(0.0, keep=19)
    assert budget.left(0.0) == 19


def test_waiting_as_long_as_said_is_enough() -> None:
    budget = Budget(100)
    assert budget.wait(0.0, ahead=19) == 0.0
    while budget.take(0.0):
        pass
    assert budget.wait(0.0) == pytest.approx(0.75)
    assert budget.wait(0.0, ahead=3) == pytest.approx(4 * 0.75)
    assert budget.wait(0.0, ahead=3, keep=10) == pytest.approx(14 * 0.75)
    assert budget.wait(0.5) == pytest.approx(0.25)
    assert not budget.take(0.74)
    assert budget.take(0.76)


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    budget = Budget(100)
    budget.take(100.0)
    assert budget.left(50.0) == 19
