"""The polling in figures: they count what was asked, and ask nothing themselves."""

import math
from typing import Any

import pytest

from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.server import Server
from vpo_monitor.polling.figures import Outcome, outcome
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query, Route


class World:
    """A clock that the test moves, and a server that answers as it is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.answers: dict[Route, Exception] = {}
        self.asked: list[Route] = []
        self.poller = Poller(
            VpoClient(Server("test", "http://127.0.0.1:1")),
            Budget(100),
            now=lambda: self.now,
            random=lambda: 0.5,
            start=lambda work: work(),
            patience=0.0,
        )

    def read(self, route: Route = Route.LIST, number: int = 0) -> None:
        self.poller.read(Query(route, self._answer, (("route", route), ("number", number))), 5)

    def _answer(self, _client: VpoClient, route: Route, number: int) -> Any:
        self.asked.append(route)
        if route in self.answers:
            raise self.answers[route]
        return number


@pytest.fixture
def world() -> World:
    return World()


def test_each_request_is_counted_once_with_how_it_ended(world: World) -> None:
    world.read()
    world.read()  # new enough: nothing is asked
    world.answers[Route.STATS] = errors.ServerBusy("busy")
    world.read(Route.STATS)
    world.answers[Route.DETAIL] = errors.NotFound("gone")
    world.read(Route.DETAIL)
    world.answers[Route.PLANS] = KeyError("not understood")
    world.read(Route.PLANS)
    assert world.poller.figures().requests == {
        (Route.LIST, Outcome.ANSWERED): 1,
        (Route.STATS, Outcome.SERVER_BUSY): 1,
        (Route.DETAIL, Outcome.NOT_FOUND): 1,
        (Route.PLANS, Outcome.BAD_RESPONSE): 1,
    }
    assert len(world.asked) == 4


def test_every_error_has_an_outcome_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if _is_error(kind)]
    assert len(kinds) == 9
    outcomes = {outcome(kind("said")) for kind in kinds} | {outcome(None)}
    assert outcomes == set(Outcome)


def _is_error(kind: Any) -> bool:
    is_one = isinstance(kind, type) and issubclass(kind, errors.VpoError)
    return is_one and kind is not errors.VpoError and not kind.__name__.startswith("_")


def test_the_age_of_a_route_is_that_of_its_newest_data(world: World) -> None:
    world.read(number=1)
    world.now += 7
    world.read(number=2)
    world.now += 3
    routes = world.poller.figures().routes
    assert set(routes) == set(Route)
    assert routes[Route.LIST].age == 3
    assert routes[Route.LOGS].age is None


def test_a_route_that_failed_says_for_how_long_it_is_left_alone(world: World) -> None:
    world.answers[Route.LIST] = errors.ServerBusy("busy")
    world.read()
    world.now += 2
    routes = world.poller.figures().routes
    assert (routes[Route.LIST].failures, routes[Route.LIST].opens_in) == (1, 3)
    assert (routes[Route.LOGS].failures, routes[Route.LOGS].opens_in) == (0, 0)
    world.answers[Route.LOGS] = errors.Unauthorized("no")
    world.read(Route.LOGS)
    assert all(one.opens_in == math.inf for one in world.poller.figures().routes.values())


def test_the_budget_that_is_left_is_what_may_go_out_at_once(world: World) -> None:
    figures = world.poller.figures()
    assert (figures.budget_left, figures.budget_burst) == (20, 20)
    for number in range(30):
        world.read(number=number)
    assert len(world.asked) == 20
    assert world.poller.figures().budget_left == 0
    world.now += 600
    assert world.poller.figures().budget_left == 20


def test_figures_ask_nothing_and_keep_no_query_in_view(world: World) -> None:
    world.read()
    world.now += 10_000
    for _ in range(10):
        world.poller.figures()
    assert len(world.asked) == 1
    assert world.poller.figures().budget_left == 20
