"""Wrong passwords slow the next try down, and then lock for a while."""

import threading

import pytest

from vpo_monitor.web.login_throttle import OVERALL, PER_ADDRESS, AttemptResult, LoginThrottle


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def attempts(clock: Clock) -> LoginThrottle:
    return LoginThrottle(clock)


def wrong(attempts: LoginThrottle, address: str | None = "192.168.1.9") -> AttemptResult:
    return attempts.check(address, lambda: False)


def right(attempts: LoginThrottle, address: str | None = "192.168.1.9") -> AttemptResult:
    return attempts.check(address, lambda: True)


def test_the_first_wrong_passwords_cost_nothing_and_the_next_ever_more(
    attempts: LoginThrottle, clock: Clock
) -> None:
    for wait in (0, 0, 1, 2, 4, 8, 16, 30, 30):
        assert wrong(attempts) == AttemptResult(is_right=False, is_checked=True, wait=wait)
        clock.seconds += wait


def test_the_first_minutes_of_a_machine_count_like_any_others() -> None:
    attempts = LoginThrottle(lambda: 0.5)
    assert [wrong(attempts).wait for _ in range(3)] == [0, 0, 1]


def test_a_try_before_its_time_is_not_looked_at_even_if_it_is_right(
    attempts: LoginThrottle, clock: Clock
) -> None:
    for _ in range(3):
        wrong(attempts)
    early = right(attempts)
    assert (early.is_checked, early.is_right, early.wait) == (False, False, 1.0)
    clock.seconds += 1
    assert right(attempts) == AttemptResult(is_right=True, is_checked=True)


def test_the_tenth_locks_for_a_quarter_of_an_hour_and_then_all_is_forgotten(
    attempts: LoginThrottle, clock: Clock
) -> None:
    for _ in range(PER_ADDRESS.most):
        verdict = wrong(attempts)
        clock.seconds += verdict.wait if verdict.wait < PER_ADDRESS.lock else 0
    assert verdict.wait == PER_ADDRESS.lock
    clock.seconds += PER_ADDRESS.lock - 1
    assert not right(attempts).is_checked
    clock.seconds += 1
    assert wrong(attempts).wait == 0


def test_tries_while_locked_do_not_make_it_longer(attempts: LoginThrottle, clock: Clock) -> None:
    for _ in range(PER_ADDRESS.most):
        clock.seconds += 30
        wrong(attempts)
    for _ in range(20):
        clock.seconds += PER_ADDRESS.lock / 20
        verdict = right(attempts)
    assert verdict.is_right


def test_who_is_locked_out_locks_nobody_else_out(attempts: LoginThrottle, clock: Clock) -> None:
    for _ in range(PER_ADDRESS.most):
        clock.seconds += 30
        wrong(attempts, "192.168.1.66")
    assert not right(attempts, "192.168.1.66").is_checked
    assert right(attempts, "192.168.1.9").is_right
    assert right(attempts, None).is_right


def test_a_right_password_forgets_the_wrong_ones_of_its_address(attempts: LoginThrottle) -> None:
    wrong(attempts)
    wrong(attempts)
    right(attempts)
    assert wrong(attempts).wait == 0


def test_many_addresses_together_are_slowed_and_locked_too(
    attempts: LoginThrottle, clock: Clock
) -> None:
    for count in range(OVERALL.most):
        clock.seconds += 30
        assert wrong(attempts, f"10.0.{count}.1").is_checked
    assert wrong(attempts, "10.9.9.9").wait == OVERALL.lock
    clock.seconds += OVERALL.lock
    assert right(attempts, "10.9.9.9").is_right


def test_an_ipv6_network_is_one_address_and_so_is_ipv4_written_as_ipv6(
    attempts: LoginThrottle, clock: Clock
) -> None:
    for count in range(3):
        wrong(attempts, f"2001:db8:1:2::{count}")
    assert not right(attempts, "2001:db8:1:2:ffff::1").is_checked
    assert right(attempts, "2001:db8:1:3::1").is_right
    for _ in range(3):
        wrong(attempts, "::ffff:192.168.1.9")
    assert not right(attempts, "192.168.1.9").is_checked


def test_addresses_that_are_none_count_as_one(attempts: LoginThrottle) -> None:
    for made_up in ("x", "a\nb", "<b>"):
        wrong(attempts, made_up)
    assert not right(attempts, "y").is_checked


def test_many_tries_at_once_are_no_way_around_the_waiting(attempts: LoginThrottle) -> None:
    looked_at: list[int] = []

    def is_right() -> bool:
        looked_at.append(1)
        return False

    ready = threading.Barrier(20)

    def one_try() -> None:
        ready.wait()
        attempts.check("192.168.1.9", is_right)

    threads = [threading.Thread(target=one_try) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked_at) == PER_ADDRESS.free


def test_addresses_are_forgotten_with_their_failures(attempts: LoginThrottle, clock: Clock) -> None:
    for count in range(1000):
        clock.seconds += 31
        attempts.check(f"10.{count // 250}.{count % 250}.1", lambda: False)
    assert len(attempts._by_address) <= OVERALL.most


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("192.168.1.9", "192.168.1.9"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        (None, "this machine"),
        ("<b>", "an unknown address"),
    ],
)
def test_a_lock_is_told_in_one_line_of_the_log(
    attempts: LoginThrottle,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    address: str | None,
    told: str,
) -> None:
    for _ in range(PER_ADDRESS.most + 5):
        clock.seconds += 30
        wrong(attempts, address)
    assert caplog.messages == [
        f"The login is locked for {told} for 15 min after 10 wrong attempts."
    ]


def test_a_lock_for_everybody_is_told_in_the_log(
    attempts: LoginThrottle, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for count in range(OVERALL.most):
        clock.seconds += 30
        wrong(attempts, f"10.0.{count}.1")
    (message,) = caplog.messages
    assert message.startswith(
        "The login is locked for everyone for 5 min after 100 wrong attempts."
    )
