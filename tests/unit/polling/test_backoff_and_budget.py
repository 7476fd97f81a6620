import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpo_monitor.polling.backoff import Backoff
from vpo_monitor.polling.budget import Budget


def delays(random: float, interval: float = 5.0, failures: int = 12) -> list[float]:
    backoff = Backoff(lambda: random)
    return [backoff.failed(1000, interval) - 1000 for _ in range(failures)]


def test_twelve_failures_wait_to_the_second() -> None:
    assert delays(0.5) == [5, 5, 10, 20, 40, 80, 120, 120, 120, 120, 120, 120]


def test_each_delay_varies_by_a_tenth_but_never_above_two_minutes() -> None:
    assert delays(0.0)[2:7] == pytest.approx([9, 18, 36, 72, 120])
    assert delays(1.0)[2:7] == pytest.approx([11, 22, 44, 88, 120])


def test_a_failing_server_is_never_asked_more_often_than_a_healthy_one() -> None:
    assert delays(0.5, interval=60.0, failures=7) == [60, 60, 60, 60, 60, 80, 120]


def test_one_success_forgets_all() -> None:
    backoff = Backoff(lambda: 0.5)
    for _ in range(5):
        backoff.failed(0, 5)
    backoff.succeeded()
    assert backoff.failures == 0
    assert backoff.failed(0, 5) == 5


@pytest.mark.parametrize(("asked", "waited"), [(0, 5), (1, 5), (37, 37), (1e12, 3600), (None, 5)])
def test_retry_after_is_obeyed(asked: float | None, waited: float) -> None:
    assert Backoff(lambda: 0.5).failed(0, 5, asked) == waited


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


def test_waiting_as_long_as_said_is_enough() -> None:
    budget = Budget(100)
    while budget.take(0):
        pass
    wait = budget.wait(0)
    assert not budget.take(wait - 0.01)
    assert budget.take(wait + 0.01)
    assert budget.wait(wait, ahead=3) > budget.wait(wait)


def test_failures_of_requests_that_were_on_their_way_together_count_as_one() -> None:
    backoff = Backoff(lambda: 0.5)
    assert backoff.failed(100, 5, asked_at=90) == 105
    assert backoff.failed(101, 5, asked_at=91) == 105
    assert backoff.failed(102, 5, asked_at=99) == 105
    assert backoff.failures == 1
    assert backoff.failed(110, 5, asked_at=105) == 115
    assert backoff.failures == 2
    assert backoff.failed(111, 5, 60, asked_at=106) == 171
    assert backoff.failures == 2
