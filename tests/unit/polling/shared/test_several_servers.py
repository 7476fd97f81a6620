"""Several servers in one store: whatever is known of one is never taken for another's.

Two may be told apart by a path alone, have the same path or token, or be one with two tokens.
"""

import contextlib
from typing import Any

import pytest
from pydantic import SecretStr

from tests.unit.polling.shared.conftest import Process, Vpo, World
from vpo_monitor.api import errors
from vpo_monitor.api.server import Server
from vpo_monitor.polling import queries
from vpo_monitor.polling.fetch_requirements import BudgetExhausted
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.snapshot import State

TOKEN = SecretStr("a token")
ATTIC = Server("Attic", "http://127.0.0.1:8321/vpo", TOKEN)
OTHERS = {
    "the same path": Server("Barn", "http://127.0.0.2:8321/vpo", TOKEN),
    "another path": Server("Barn", "http://127.0.0.1:8321/vpo/api", TOKEN),
    "no path": Server("Barn", "http://127.0.0.1:8321", TOKEN),
    "another port and token": Server("Barn", "http://127.0.0.1:83/vpo", SecretStr("another token")),
    "no token": Server("Barn", "http://127.0.0.2:8321/vpo"),
    "the same name": Server("Attic", "http://127.0.0.2:8321/vpo", TOKEN),
}
LIST, HEALTH = queries.jobs(), queries.health()
PATH = "/api/jobs"


class Pair:
    """Two servers, each watched by two processes: those with the same number are one app."""

    def __init__(self, world: World, other: Server) -> None:
        self.attic_vpo, self.other_vpo = Vpo(world), Vpo(world)
        world.others |= {ATTIC.url: self.attic_vpo, other.url: self.other_vpo}
        for vpo, total in ((self.attic_vpo, 1), (self.other_vpo, 2)):
            vpo.answers = {PATH: {"jobs": [], "total": total}, "/health": {"status": "healthy"}}
        self.attic = [world.process(ATTIC), world.process(ATTIC)]
        self.other = [world.process(other), world.process(other)]

    def read(self) -> list[list[int | None]]:
        """What each process is told of how many jobs there are."""
        return [
            [page.total if (page := process.poller.read(LIST, 5).data) else None for process in two]
            for two in (self.attic, self.other)
        ]

    def asked(self) -> list[int]:
        return [len(vpo.asked) for vpo in (self.attic_vpo, self.other_vpo)]


@pytest.fixture(params=list(OTHERS.values()), ids=list(OTHERS))
def pair(world: World, request: pytest.FixtureRequest) -> Pair:
    return Pair(world, request.param)


def spend_all(process: Process) -> None:
    """Have no request free any more."""
    with contextlib.suppress(BudgetExhausted):
        while True:
            process.budget.take(Priority.IN_VIEW)


def test_each_answer_is_of_its_own_server_and_asked_for_once(pair: Pair, world: World) -> None:
    for times in range(1, 4):
        assert pair.read() == [[1, 1], [2, 2]]
        assert pair.asked() == [times, times]
        world.now += 6


def test_who_waits_for_an_answer_waits_for_that_of_its_own_server(pair: Pair, world: World) -> None:
    def meanwhile(_params: Any) -> dict[str, Any]:
        assert pair.other[1].get(PATH)["total"] == 2
        return {"jobs": [], "total": 1}

    pair.attic_vpo.answers[PATH] = meanwhile
    assert pair.attic[0].get(PATH)["total"] == 1
    assert world.paused == 0


def test_each_server_has_a_budget_of_its_own(pair: Pair) -> None:
    spend_all(pair.attic[0])
    with pytest.raises(BudgetExhausted):
        pair.attic[1].budget.take(Priority.IN_VIEW)
    pair.other[1].budget.take(Priority.IN_VIEW)
    assert pair.read() == [[None, None], [2, 2]]


def test_without_the_store_a_share_counts_the_processes_of_its_server(
    pair: Pair, world: World
) -> None:
    more = [world.process(ATTIC) for _ in range(6)]
    for _ in range(2):  # at first nobody knows of those who come after
        for process in (*pair.attic, *pair.other, *more):
            process.budget.show()
        world.now += 60
    world.store.down = "cannot be reached"
    allowed = []
    for process in (pair.attic[0], pair.other[0]):
        spend_all(process)
        world.now += 60
        spend_all(process)
        assert process.budget._own is not None
        allowed.append(process.budget._own.per_minute)
    assert allowed == [100 // 8, 100 // 2]


@pytest.mark.parametrize(
    "failure",
    [
        errors.Unreachable("gone"),
        errors.ServerBusy("busy"),
        errors.RateLimited("too often", 30.0),
        errors.Unauthorized("no"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_failure_and_its_backoff_are_those_of_one_server(
    failure: errors.VpoError, pair: Pair, world: World
) -> None:
    pair.read()
    pair.attic_vpo.answers |= {PATH: failure, "/health": failure}
    for _ in range(60):
        world.now += 1
        for process in (*pair.attic, *pair.other):
            process.poller.read(LIST, 5)
    for process in pair.attic:
        assert process.poller.read(LIST, 5).state in (State.FAILED, State.STOPPED)
    for process in pair.other:
        snapshot = process.poller.read(LIST, 5)
        assert (snapshot.state, snapshot.failures) == (State.OK, 0)
        assert process.poller.read(HEALTH, 5).state is State.OK
    failed, answered = pair.asked()
    assert failed <= 9
    assert answered == 1 + 12 + 1


def test_who_tries_one_server_again_tries_no_other(pair: Pair, world: World) -> None:
    for vpo in (pair.attic_vpo, pair.other_vpo):
        vpo.answers[PATH] = errors.Unauthorized("no")
    pair.read()
    asked = pair.asked()
    world.now += 2
    pair.attic[0].poller.retry()
    pair.read()
    assert pair.asked() == [asked[0] + 1, asked[1]]


def test_the_clock_of_one_server_is_not_that_of_another(pair: Pair) -> None:
    pair.attic_vpo.clock_ahead = 3600.0
    pair.read()
    for process in pair.attic:
        assert process.answers.clock_ahead == pytest.approx(3600)
    for process in pair.other:
        assert process.answers.clock_ahead == 0


class Tokens:
    """One server, asked with two tokens: it knows the first alone."""

    def __init__(self, world: World) -> None:
        self.good = _two(world, "good token", {"jobs": [], "total": 1})
        self.bad = _two(world, "bad token", errors.Unauthorized("no"))


def _two(world: World, token: str, answer: Any) -> list[Process]:
    world.others[ATTIC.url] = vpo = Vpo(world)
    vpo.answers[PATH] = answer
    return [world.process(Server("Attic", ATTIC.url, SecretStr(token))) for _ in range(2)]


@pytest.mark.parametrize("is_good_first", [True, False])
def test_a_token_gets_no_answer_that_another_was_given(
    world: World, *, is_good_first: bool
) -> None:
    tokens = Tokens(world)
    order = (tokens.good, tokens.bad) if is_good_first else (tokens.bad, tokens.good)
    for process in (*order[0], *order[1]):
        process.poller.read(LIST, 5)
    for process in tokens.good:
        assert process.poller.read(LIST, 5).state is State.OK
    for process in tokens.bad:
        refused = process.poller.read(LIST, 5)
        assert refused.state is State.STOPPED
        assert refused.data is None


def test_a_servers_budget_is_that_of_all_tokens_together(world: World) -> None:
    tokens = Tokens(world)
    spend_all(tokens.good[0])
    with pytest.raises(BudgetExhausted):
        tokens.bad[0].budget.take(Priority.IN_VIEW)
