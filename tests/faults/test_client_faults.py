"""Each fault of a server on each of its routes, as the client sees it."""

import inspect
import math
import tracemalloc
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults import sending
from tests.faults.cases import BY_NAME, CASES, SIZE, Case
from tests.faults.faulty_server import FaultyServer
from tests.faults.routes import MAY_LACK, METHODS, FaultClient, ask
from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import MAX_BODY_BYTES
from vpo_monitor.api.server import Server


@pytest.fixture(scope="module")
def side_by_side() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(len(METHODS)) as pool:
        yield pool


def is_right(case: Case, route: str, answer: Any) -> bool:
    """Whether the answer is what the table says of the case."""
    if case.name == "404" and route in MAY_LACK:
        return type(answer) is errors.NotFound
    if not isinstance(answer, BaseException):
        return case.error is None or case.may_be_read
    is_kind = case.error is not None and type(answer) is case.error
    retry_after, wanted = getattr(answer, "retry_after", None), case.retry_after
    is_delay = (
        retry_after is wanted
        if retry_after is None or wanted is None
        else math.isclose(retry_after, wanted, rel_tol=0.05)
    )
    return is_kind and case.says in str(answer) and is_delay


# A failure is found out before the route matters, but for a 404; what JSON holds is of each route.
# Ten thousand rows take long, so the quick run asks two routes for them.
ON_TWO = ("jobs", "config/polling")
LARGEST = {"10,000 rows"}
OFTEN_ON_TWO = [
    case for case in CASES if case.name in LARGEST or (case.is_failure and case.name != "404")
]
ROUTES = [
    *((case, ON_TWO if case in OFTEN_ON_TWO else METHODS) for case in CASES),
    *(pytest.param(case, METHODS, marks=pytest.mark.long) for case in OFTEN_ON_TWO),
]


@pytest.mark.parametrize(
    ("case", "routes"), ROUTES, ids=lambda it: it.name if isinstance(it, Case) else len(it)
)
def test_each_route_gives_the_right_error_or_an_answer_and_then_works_again(
    case: Case,
    routes: Collection[str],
    server: FaultyServer,
    side_by_side: ThreadPoolExecutor,
) -> None:
    client = FaultClient(Server("test", server.url))

    def answers_of(routes: Collection[str]) -> dict[str, Any]:
        answers = side_by_side.map(lambda name: ask(client, METHODS[name]), routes)
        return dict(zip(routes, answers, strict=True))

    client.health()  # so that a connection is kept
    server.fault(case)
    client.meet(case)
    met = answers_of(routes)
    server.clear()
    client.meet(None)
    after = answers_of(routes)
    assert {name: repr(met[name]) for name in met if not is_right(case, name, met[name])} == {}
    assert {name: repr(it) for name, it in after.items() if isinstance(it, BaseException)} == {}


@pytest.mark.parametrize("serve", [sending.drip_head, sending.drip_continue])
def test_a_head_that_drips_holds_up_no_other_request_and_ends_with_the_server(
    serve: sending.Serve, servers: dict[bool, FaultyServer], side_by_side: ThreadPoolExecutor
) -> None:
    server = servers[False]
    client = FaultClient(Server("test", server.url))
    server.fault(Case("drip", serve), ["jobs"])
    dripping = side_by_side.submit(ask, client, VpoClient.jobs)
    for _ in range(3):
        assert client.health().status
    assert not dripping.done()
    server.clear()
    assert dripping.result(10) == client.jobs()


def test_the_routes_are_all_that_the_client_has() -> None:
    methods = {name for name, _ in inspect.getmembers(VpoClient, inspect.isfunction)}
    routes = {name for name in methods if not name.startswith("_")}
    assert len(METHODS) == len(routes - {"request", "probe_access"})  # a log by another name


# Tracing a million objects takes seconds.
LARGE = [
    pytest.param(case, marks=pytest.mark.long if case.name == "a million objects" else ())
    for case in (*SIZE, BY_NAME["302 with a gzip bomb"])
]


@pytest.mark.parametrize("case", LARGE, ids=lambda case: case.name)
def test_no_answer_takes_much_memory_however_large_it_is(case: Case, server: FaultyServer) -> None:
    client = FaultClient(Server("test", server.url))
    server.fault(case)
    ask(client, VpoClient.jobs)  # what the server prepares once is no matter
    tracemalloc.start()
    try:
        for _ in range(3):
            ask(client, VpoClient.jobs)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MAX_BODY_BYTES + 8 * 2**20
    assert kept < MAX_BODY_BYTES  # what the server has just sent is counted too
