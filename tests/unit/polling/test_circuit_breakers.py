"""Which failure holds back which requests, and for how long."""

import math
from dataclasses import replace

import pytest

from vpo_monitor.api import errors
from vpo_monitor.polling.limits import CircuitBreakers
from vpo_monitor.polling.queries import Priority, Query, Route

NOW, INTERVAL = 1000.0, 5.0
BUSY = errors.ServerBusy("busy")
GONE = errors.Unreachable("gone")
LIMITED = errors.RateLimited("too often", 37)
HELD_BACK = NOW + INTERVAL
OPEN = -math.inf


@pytest.fixture
def breakers() -> CircuitBreakers:
    return CircuitBreakers(lambda: 0.5)


def query(route: Route, number: int = 0) -> Query[None]:
    return Query(route, print, (("number", number),))


LIST, OTHER_LIST, THIRD_LIST = (query(Route.LIST, number) for number in range(3))
STATS, HEALTH, LOGS = query(Route.STATS), query(Route.HEALTH), query(Route.LOGS)
ALL = [query(route) for route in Route]


def opening(breakers: CircuitBreakers, *queries: Query[None]) -> list[float]:
    return [breakers.opens_at(one) for one in queries]


def test_nothing_is_held_back_before_anything_failed(breakers: CircuitBreakers) -> None:
    for one in ALL:
        assert (breakers.opens_at(one), breakers.error(one.route)) == (OPEN, None)
        assert (breakers.parallel(one.route), breakers.failures(one)) == (4, 0)
    assert (breakers.error_for_all, breakers.is_connection_down) == (None, False)
    assert not breakers.is_holding_back(NOW)


def test_a_failing_query_holds_back_itself_alone(breakers: CircuitBreakers) -> None:
    for moment in (NOW, NOW + 5, NOW + 10):
        breakers.failed(LIST, BUSY, moment, INTERVAL)
        assert breakers.is_holding_back(moment)
    assert opening(breakers, LIST, OTHER_LIST, STATS) == [NOW + 20, OPEN, OPEN]
    assert [breakers.failures(one) for one in (LIST, OTHER_LIST, STATS)] == [3, 0, 0]
    assert (breakers.error(Route.LIST), breakers.error_for_all) == (None, None)
    assert breakers.parallel(Route.LIST) == 4


def test_two_failing_queries_hold_back_their_route_alone(breakers: CircuitBreakers) -> None:
    breakers.failed(LIST, errors.BadResponse("no JSON"), NOW, INTERVAL)
    breakers.failed(OTHER_LIST, BUSY, NOW, INTERVAL)
    assert opening(breakers, THIRD_LIST, STATS, HEALTH) == [HELD_BACK, OPEN, OPEN]
    assert (breakers.error(Route.LIST), breakers.error(Route.STATS)) == (BUSY, None)
    assert (breakers.parallel(Route.LIST), breakers.parallel(Route.STATS)) == (1, 4)
    assert (breakers.failures(THIRD_LIST), breakers.failures(STATS)) == (1, 0)
    assert breakers.error_for_all is None
    breakers.succeeded(STATS)
    assert breakers.error(Route.LIST) is BUSY


def test_a_success_between_two_failures_shows_that_the_route_works(
    breakers: CircuitBreakers,
) -> None:
    breakers.failed(LIST, BUSY, NOW, INTERVAL)
    breakers.succeeded(THIRD_LIST)
    breakers.failed(OTHER_LIST, BUSY, NOW, INTERVAL)
    assert opening(breakers, LIST, OTHER_LIST, THIRD_LIST) == [HELD_BACK, HELD_BACK, OPEN]


@pytest.mark.parametrize("priority", [Priority.BULK, Priority.NICE_TO_HAVE])
def test_what_no_viewer_looks_at_holds_back_no_route(
    breakers: CircuitBreakers, priority: Priority
) -> None:
    work, other_work = (replace(one, priority=priority) for one in (LIST, OTHER_LIST))
    for one in (work, LIST, other_work):
        breakers.failed(one, BUSY, NOW, INTERVAL)
    assert opening(breakers, work, LIST, other_work) == [HELD_BACK] * 3
    assert breakers.opens_at(OTHER_LIST) == OPEN
    breakers.failed(OTHER_LIST, BUSY, NOW, INTERVAL)
    assert breakers.opens_at(replace(THIRD_LIST, priority=priority)) == HELD_BACK


def test_a_query_that_nobody_reads_counts_no_more(breakers: CircuitBreakers) -> None:
    breakers.failed(LIST, BUSY, NOW, INTERVAL)
    breakers.forget(LIST)
    breakers.failed(OTHER_LIST, BUSY, NOW, INTERVAL)
    assert opening(breakers, LIST, OTHER_LIST) == [OPEN, HELD_BACK]


@pytest.mark.parametrize("answer", [None, errors.NotFound("none"), errors.BadRequest("no")])
def test_an_answer_opens_the_route_and_the_connection(
    breakers: CircuitBreakers, answer: errors.VpoError | None
) -> None:
    breakers.failed(LIST, LIMITED, NOW, INTERVAL)
    breakers.failed(OTHER_LIST, BUSY, NOW, INTERVAL)
    breakers.failed(LIST, BUSY, NOW, INTERVAL)
    breakers.failed(LIST, GONE, NOW, INTERVAL)
    if answer is None:
        breakers.succeeded(LIST)
    else:
        breakers.failed(LIST, answer, NOW, INTERVAL)
    assert opening(breakers, LIST, HEALTH) == [OPEN, OPEN]
    assert (breakers.error(Route.LIST), breakers.error_for_all) == (None, None)
    assert (breakers.failures(LIST), breakers.parallel(Route.LIST)) == (0, 4)
    assert breakers.opens_at(OTHER_LIST) == HELD_BACK


def test_a_refused_connection_holds_back_all_until_anything_is_heard(
    breakers: CircuitBreakers,
) -> None:
    breakers.failed(LIST, GONE, NOW, INTERVAL)
    assert (breakers.error_for_all, breakers.is_connection_down) == (GONE, True)
    for one in ALL:
        assert (breakers.opens_at(one), breakers.error(one.route)) == (HELD_BACK, GONE)
        assert breakers.failures(one) == 1
    breakers.failed(LOGS, BUSY, NOW, INTERVAL)
    assert (breakers.error_for_all, breakers.is_connection_down) == (None, False)
    assert opening(breakers, LIST, LOGS) == [OPEN, HELD_BACK]


def test_a_rejected_token_holds_back_all_until_someone_asks_for_another_try(
    breakers: CircuitBreakers,
) -> None:
    refused = errors.Unauthorized("no")
    breakers.failed(LIST, GONE, NOW, INTERVAL)
    breakers.failed(LIST, refused, NOW, INTERVAL)
    assert not breakers.is_connection_down
    assert breakers.error_for_all is refused
    assert breakers.is_holding_back(NOW)
    for one in ALL:
        assert (breakers.opens_at(one), breakers.error(one.route)) == (math.inf, refused)
    breakers.retry_all()
    assert opening(breakers, *ALL) == [OPEN] * len(ALL)
    assert breakers.error_for_all is None


def test_another_try_of_all_forgets_no_failure_and_no_rate_limit(
    breakers: CircuitBreakers,
) -> None:
    breakers.failed(LIST, LIMITED, NOW, INTERVAL)
    breakers.failed(STATS, BUSY, NOW, INTERVAL)
    breakers.failed(HEALTH, GONE, NOW, INTERVAL)
    breakers.retry_all()
    unlimited = [one for one in ALL if one.route in (Route.HEALTH, Route.ABOUT)]
    assert opening(breakers, *unlimited) == [OPEN] * 2
    limited = [one for one in ALL if one not in unlimited]
    assert opening(breakers, *limited) == [NOW + 37] * len(limited)
    assert breakers.failures(HEALTH) == 1
    breakers.succeeded(HEALTH)
    assert [breakers.failures(one) for one in (HEALTH, STATS, LIST)] == [0, 1, 1]


def test_a_rate_limit_holds_back_what_it_covers_as_long_as_asked(
    breakers: CircuitBreakers,
) -> None:
    breakers.failed(LIST, LIMITED, NOW, INTERVAL)
    assert opening(breakers, LIST, STATS) == [NOW + 37, NOW + 37]
    assert opening(breakers, HEALTH, query(Route.ABOUT)) == [OPEN, OPEN]
    assert (breakers.error(Route.STATS), breakers.error(Route.HEALTH)) == (LIMITED, None)
    breakers.succeeded(HEALTH)
    assert (breakers.opens_at(STATS), breakers.error(Route.STATS)) == (NOW + 37, LIMITED)
    breakers.succeeded(STATS)
    assert (breakers.opens_at(LIST), breakers.error(Route.LIST)) == (OPEN, None)


@pytest.mark.parametrize("error", [LIMITED, errors.Unavailable("leaving", 37)])
def test_a_route_beside_the_limit_waits_by_itself_as_long_as_asked(
    breakers: CircuitBreakers, error: errors.VpoError
) -> None:
    breakers.failed(HEALTH, error, NOW, INTERVAL)
    assert opening(breakers, HEALTH, LIST) == [NOW + 37, OPEN]
    assert breakers.opens_at(query(Route.HEALTH, 1)) == NOW + 37
    assert (breakers.error(Route.HEALTH), breakers.error(Route.LIST)) == (error, None)


@pytest.mark.parametrize(
    ("after", "asked_at", "is_over"),
    [
        (LIST, NOW + 37, True),
        (LIST, NOW + 36, False),  # it was on its way when the limit was met
        (LIST, None, False),
        (HEALTH, NOW + 37, False),
    ],
)
def test_a_limit_is_over_if_a_request_sent_after_the_wait_met_something_else(
    breakers: CircuitBreakers, after: Query[None], asked_at: float | None, *, is_over: bool
) -> None:
    breakers.failed(STATS, LIMITED, NOW, INTERVAL)
    breakers.failed(after, BUSY, NOW + 38, INTERVAL, asked_at=asked_at)
    assert breakers.error(Route.STATS) is (None if is_over else LIMITED)
    assert breakers.opens_at(STATS) == (OPEN if is_over else NOW + 37)
    assert breakers.opens_at(after) == NOW + 38 + INTERVAL


@pytest.mark.parametrize("error", [BUSY, GONE, errors.RateLimited("too often")])
def test_failures_of_requests_that_were_on_their_way_together_count_as_one(
    breakers: CircuitBreakers, error: errors.VpoError
) -> None:
    for number, asked_at in enumerate((NOW - 3, NOW - 2, NOW - 1)):
        breakers.failed(query(Route.LIST, number), error, NOW, INTERVAL, asked_at=asked_at)
    other = query(Route.LIST, 9)
    assert breakers.failures(other) == 1
    breakers.failed(LIST, error, NOW + 5, INTERVAL, asked_at=NOW + 4)
    assert (breakers.failures(other), breakers.opens_at(other)) == (2, NOW + 10)
