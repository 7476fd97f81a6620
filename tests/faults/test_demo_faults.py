"""The client and the poller against a running server that misbehaves."""

from collections.abc import Iterator

import pytest

from tests.vpo_server import Fault, VpoServer, start
from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Health, JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.snapshot import Snapshot, State


@pytest.fixture
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=20, seed=5) as running:
        yield running


@pytest.fixture
def client(server: VpoServer) -> VpoClient:
    return VpoClient(Server("test", server.url))


@pytest.mark.parametrize(
    "kind", ["html", "not_json", "cut_short", "wrong_shape", "huge", "redirect"]
)
def test_each_malformed_answer_is_a_bad_response(
    kind: str, server: VpoServer, client: VpoClient
) -> None:
    server.faults.set(Fault.MALFORMED, kind=kind)
    with pytest.raises(errors.BadResponse):
        client.jobs()


def test_bad_rows_are_counted_and_the_good_ones_stay(server: VpoServer, client: VpoClient) -> None:
    server.faults.set(Fault.MALFORMED, kind="bad_rows")
    page = client.jobs(limit=20)
    assert page.skipped > 0
    assert page.rows


def test_the_offered_polling_is_read(client: VpoClient) -> None:
    offer = client.polling_offer()
    assert (offer.interval_ms, offer.enabled, offer.log_interval_ms) == (5000, True, 15000)


def test_a_server_without_an_offer_has_none() -> None:
    with start(worker=False, history=0, polling=None) as plain, pytest.raises(errors.NotFound):
        VpoClient(Server("test", plain.url)).polling_offer()


def test_a_held_database_leaves_health_and_keeps_the_last_jobs(
    server: VpoServer, client: VpoClient
) -> None:
    moment = [1000.0]
    poller = Poller(
        client, Budget(100), now=lambda: moment[0], start=lambda work: work(), patience=0.0
    )

    def read() -> tuple[Snapshot[JobPage], Snapshot[Health]]:
        return poller.read(queries.jobs(), 5), poller.read(queries.health(), 5)

    before, _ = read()
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.0)
    moment[0] += 6
    held, health = read()
    assert isinstance(held.error, errors.ServerBusy)
    assert held.data == before.data
    assert held.age(moment[0]) == 6
    assert health.state is State.OK
    server.faults.clear()
    moment[0] += 6
    assert read()[0].state is State.OK
