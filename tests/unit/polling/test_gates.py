"""Which failure holds back which routes, and for how long."""

import math

import pytest

from vpo_monitor.api import errors
from vpo_monitor.polling.gates import Gates
from vpo_monitor.polling.queries import Route

NOW, INTERVAL = 1000.0, 5.0
BUSY = errors.ServerBusy("busy")
GONE = errors.Unreachable("gone")
LIMITED = errors.RateLimited("too often", 37)
HELD_BACK = NOW + INTERVAL
OPEN = -math.inf


@pytest.fixture
def gates() -> Gates:
    return Gates(lambda: 0.5)


def opening(gates: Gates, *routes: Route) -> list[float]:
    return [gates.opens_at(route) for route in routes]


def test_nothing_is_held_back_before_anything_failed(gates: Gates) -> None:
    for route in Route:
        assert (gates.opens_at(route), gates.error(route)) == (OPEN, None)
        assert (gates.parallel(route), gates.failures(route)) == (4, 0)
    assert (gates.error_for_all, gates.is_connection_down) == (None, False)


def test_a_failing_route_holds_back_itself_alone(gates: Gates) -> None:
    gates.failed(Route.LIST, BUSY, NOW, INTERVAL)
    assert opening(gates, Route.LIST, Route.STATS, Route.HEALTH) == [HELD_BACK, OPEN, OPEN]
    assert (gates.error(Route.LIST), gates.error(Route.STATS)) == (BUSY, None)
    assert (gates.parallel(Route.LIST), gates.parallel(Route.STATS)) == (1, 4)
    assert (gates.failures(Route.LIST), gates.failures(Route.STATS)) == (1, 0)
    assert gates.error_for_all is None
    gates.succeeded(Route.STATS)
    assert gates.error(Route.LIST) is BUSY


@pytest.mark.parametrize("answer", [None, errors.NotFound("none"), errors.BadRequest("no")])
def test_an_answer_opens_the_route_and_the_connection(
    gates: Gates, answer: errors.VpoError | None
) -> None:
    gates.failed(Route.LIST, LIMITED, NOW, INTERVAL)
    gates.failed(Route.LIST, BUSY, NOW, INTERVAL)
    gates.failed(Route.LIST, GONE, NOW, INTERVAL)
    if answer is None:
        gates.succeeded(Route.LIST)
    else:
        gates.failed(Route.LIST, answer, NOW, INTERVAL)
    assert opening(gates, Route.LIST, Route.HEALTH) == [OPEN, OPEN]
    assert (gates.error(Route.LIST), gates.error_for_all) == (None, None)
    assert (gates.failures(Route.LIST), gates.parallel(Route.LIST)) == (0, 4)


def test_a_refused_connection_holds_back_all_until_anything_is_heard(gates: Gates) -> None:
    gates.failed(Route.LIST, GONE, NOW, INTERVAL)
    assert (gates.error_for_all, gates.is_connection_down) == (GONE, True)
    for route in Route:
        assert (gates.opens_at(route), gates.error(route)) == (HELD_BACK, GONE)
        assert gates.failures(route) == 1
    gates.failed(Route.LOGS, BUSY, NOW, INTERVAL)
    assert (gates.error_for_all, gates.is_connection_down) == (None, False)
    assert opening(gates, Route.LIST, Route.LOGS) == [OPEN, HELD_BACK]


def test_a_refused_login_holds_back_all_until_someone_asks_for_another_try(gates: Gates) -> None:
    refused = errors.Unauthorized("no")
    gates.failed(Route.LIST, GONE, NOW, INTERVAL)
    gates.failed(Route.LIST, refused, NOW, INTERVAL)
    assert not gates.is_connection_down
    assert gates.error_for_all is refused
    for route in Route:
        assert (gates.opens_at(route), gates.error(route)) == (math.inf, refused)
    gates.open_all()
    assert opening(gates, *Route) == [OPEN] * len(Route)
    assert gates.error_for_all is None


def test_another_try_of_all_forgets_no_failure_and_no_rate_limit(gates: Gates) -> None:
    gates.failed(Route.LIST, LIMITED, NOW, INTERVAL)
    gates.failed(Route.STATS, BUSY, NOW, INTERVAL)
    gates.failed(Route.HEALTH, GONE, NOW, INTERVAL)
    gates.open_all()
    unlimited = (Route.HEALTH, Route.ABOUT)
    assert opening(gates, *unlimited) == [OPEN] * 2
    limited = [route for route in Route if route not in unlimited]
    assert opening(gates, *limited) == [NOW + 37] * len(limited)
    assert gates.failures(Route.HEALTH) == 1
    gates.succeeded(Route.HEALTH)
    assert [gates.failures(route) for route in (Route.HEALTH, Route.STATS, Route.LIST)] == [0, 1, 1]


def test_a_rate_limit_holds_back_what_it_covers_as_long_as_asked(gates: Gates) -> None:
    gates.failed(Route.LIST, LIMITED, NOW, INTERVAL)
    assert opening(gates, Route.LIST, Route.STATS) == [NOW + 37, NOW + 37]
    assert opening(gates, Route.HEALTH, Route.ABOUT) == [OPEN, OPEN]
    assert (gates.error(Route.STATS), gates.error(Route.HEALTH)) == (LIMITED, None)
    gates.succeeded(Route.HEALTH)
    assert (gates.opens_at(Route.STATS), gates.error(Route.STATS)) == (NOW + 37, LIMITED)
    gates.succeeded(Route.STATS)
    assert (gates.opens_at(Route.LIST), gates.error(Route.LIST)) == (OPEN, None)


@pytest.mark.parametrize("error", [LIMITED, errors.Unavailable("leaving", 37)])
def test_a_route_beside_the_limit_waits_by_itself_as_long_as_asked(
    gates: Gates, error: errors.VpoError
) -> None:
    gates.failed(Route.HEALTH, error, NOW, INTERVAL)
    assert opening(gates, Route.HEALTH, Route.LIST) == [NOW + 37, OPEN]
    assert (gates.error(Route.HEALTH), gates.error(Route.LIST)) == (error, None)


@pytest.mark.parametrize(
    ("route", "asked_at", "is_over"),
    [
        (Route.LIST, NOW + 37, True),
        (Route.LIST, NOW + 36, False),  # it was on its way when the limit was met
        (Route.LIST, None, False),
        (Route.HEALTH, NOW + 37, False),
    ],
)
def test_a_limit_is_over_if_a_request_sent_after_the_wait_met_something_else(
    gates: Gates, route: Route, asked_at: float | None, *, is_over: bool
) -> None:
    gates.failed(Route.STATS, LIMITED, NOW, INTERVAL)
    gates.failed(route, BUSY, NOW + 38, INTERVAL, asked_at=asked_at)
    assert gates.error(Route.STATS) is (None if is_over else LIMITED)
    assert gates.opens_at(Route.STATS) == (OPEN if is_over else NOW + 37)
    assert gates.opens_at(route) == NOW + 38 + INTERVAL


@pytest.mark.parametrize("error", [BUSY, GONE, errors.RateLimited("too often")])
def test_failures_of_requests_that_were_on_their_way_together_count_as_one(
    gates: Gates, error: errors.VpoError
) -> None:
    for asked_at in (NOW - 3, NOW - 2, NOW - 1):
        gates.failed(Route.LIST, error, NOW, INTERVAL, asked_at=asked_at)
    assert gates.failures(Route.LIST) == 1
    gates.failed(Route.LIST, error, NOW + 5, INTERVAL, asked_at=NOW + 4)
    assert (gates.failures(Route.LIST), gates.opens_at(Route.LIST)) == (2, NOW + 10)
