from collections.abc import Iterator

import pytest

from tests.faults.cases import TLS, Case
from tests.faults.faulty_server import FaultyServer
from tests.faults.routes import OFFER, FaultClient

Servers = dict[bool, FaultyServer]


@pytest.fixture(scope="session")
def running() -> Iterator[Servers]:
    """A server for all tests of a process, and one that speaks TLS."""
    with (
        FaultyServer(polling_offer=OFFER) as plain,
        FaultyServer(polling_offer=OFFER, tls=True) as secure,
    ):
        yield {False: plain, True: secure}


@pytest.fixture
def servers(running: Servers) -> Iterator[Servers]:
    """Both of them; they are well before and after each test."""
    yield running
    FaultClient.close_all()
    for server in running.values():
        server.clear()


@pytest.fixture
def server(case: Case, servers: Servers) -> FaultyServer:
    """The server that a case is for."""
    return servers[case in TLS]
