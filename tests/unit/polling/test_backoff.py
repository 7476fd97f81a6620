import math

import pytest

from vpo_monitor.polling.limits import Backoff


def delays(random: float, interval: float = 5.0, failures: int = 12) -> list[float]:
    backoff = Backoff(lambda: random)
    return [backoff.failed(1000, interval) - 1000 for _ in range(failures)]


def test_twelve_failures_wait_to_the_second() -> None:
    assert delays(0.5) == [5, 5, 10, 20, 40, 80, 120, 120, 120, 120, 120, 120]


def test_the_first_two_failures_wait_the_interval_whatever_it_is() -> None:
    assert delays(0.5, interval=2.0, failures=4) == [2, 2, 10, 20]


def test_each_delay_varies_by_a_tenth_but_never_above_two_minutes() -> None:
    assert delays(0.0)[2:7] == pytest.approx([9, 18, 36, 72, 120])
    assert delays(1.0)[2:7] == pytest.approx([11, 22, 44, 88, 120])


def test_a_failing_server_is_never_asked_more_often_than_a_healthy_one() -> None:
    assert delays(0.5, interval=60.0, failures=7) == [60, 60, 60, 60, 60, 80, 120]


def test_days_of_failures_wait_no_longer_than_minutes_of_them() -> None:
    assert delays(0.5, failures=2000)[-1] == 120


def test_one_success_forgets_all() -> None:
    backoff = Backoff(lambda: 0.5)
    for _ in range(5):
        backoff.failed(0, 5)
    backoff.succeeded()
    assert (backoff.failures, backoff.next_attempt_at) == (0, -math.inf)
    assert backoff.failed(0, 5) == 5


def test_what_is_tried_at_once_still_counts_as_failing() -> None:
    backoff = Backoff(lambda: 0.5)
    assert backoff.next_attempt_at == -math.inf
    for _ in range(2):
        backoff.failed(0, 5)
    backoff.try_now()
    assert backoff.next_attempt_at == -math.inf
    assert backoff.failed(0, 5) == 10


@pytest.mark.parametrize(("asked", "waited"), [(0, 5), (1, 5), (37, 37), (1e12, 3600), (None, 5)])
def test_retry_after_is_obeyed(asked: float | None, waited: float) -> None:
    assert Backoff(lambda: 0.5).failed(0, 5, asked) == waited


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


def test_a_request_sent_when_the_last_failure_was_known_counts_by_itself() -> None:
    backoff = Backoff(lambda: 0.5)
    backoff.failed(100, 5, asked_at=100)
    backoff.failed(102, 5, asked_at=100)
    assert (backoff.failures, backoff.next_attempt_at) == (2, 107)
    backoff.succeeded()
    assert backoff.failed(103, 5, asked_at=101) == 108
    assert backoff.failures == 1


def test_another_try_waits_no_longer_than_the_server_asks() -> None:
    backoff = Backoff(lambda: 0.5)
    assert backoff.failed(100, 60, 1) == 160
    backoff.try_now()
    assert backoff.next_attempt_at == 101
