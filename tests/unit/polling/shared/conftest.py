"""Processes (here threads) that share the poll of a server through a real store."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from bench.running_store import RunningStore, running_store
from tests.secret_leaks import PASSWORD, TOKEN
from tests.vpo_server import VpoServer, start
from vpo_monitor.api.server import Server
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query
from vpo_monitor.polling.shared import sharing
from vpo_monitor.polling.shared.sharing import Sharing
from vpo_monitor.polling.snapshot import Snapshot, State

T = TypeVar("T")
PATIENCE = 20.0
PAUSE = 0.01
"""Seconds between two looks at what is waited for, so that the processes have the processor."""


class Process:
    """What a process has of its own."""

    def __init__(
        self, vpo: VpoServer, store: RunningStore, *, token: str = TOKEN, per_minute: int = 100
    ) -> None:
        url = f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{store.port}/0"
        server = Server("test", vpo.url, SecretStr(token))
        self.sharing = Sharing(server, SecretStr(url), "THE_STORE", per_minute)
        self.poller = Poller(
            self.sharing.client,
            Budget(10_000),
            client_for=self.sharing.client_for,
            patience=PATIENCE,
        )

    def read(
        self, query: Query[T], max_age: float = 60.0, *, is_refresh: bool = False
    ) -> Snapshot[T]:
        newer_than = self.poller.now() if is_refresh else -math.inf
        return self.poller.read(query, max_age, newer_than=newer_than)

    def complete(self, query: Query[T], is_complete: Callable[[T], bool]) -> T:
        """The data of work of several requests."""
        while True:
            data = self.read(query).data
            assert data is not None
            if is_complete(data):
                return data
            time.sleep(PAUSE)


Start = Callable[..., Process]


@pytest.fixture
def vpo() -> Iterator[VpoServer]:
    with start(worker=False, history=20, token=TOKEN, rate_limit=None) as running:
        yield running


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStore]:
    monkeypatch.setattr(sharing, "RETRY_AFTER", 0.1)
    monkeypatch.setattr(sharing, "_KEY_ROUNDS", 1)  # no one here tries out tokens
    # A busy machine is no reason to poll alone.
    monkeypatch.setattr("vpo_monitor.polling.shared.store._TIMEOUT", 5.0)
    with running_store("--requirepass", PASSWORD) as running:
        yield running


@pytest.fixture
def process(vpo: VpoServer, store: RunningStore) -> Iterator[Start]:
    """Start a process."""
    processes: list[Process] = []

    def begin(server: VpoServer = vpo, **options: Any) -> Process:
        processes.append(Process(server, store, **options))
        return processes[-1]

    yield begin
    for one in processes:
        one.sharing.close()


def at_once(work: list[Callable[[], Snapshot[T]]]) -> list[Snapshot[T]]:
    """Do all of it at the same moment."""
    barrier, done = threading.Barrier(len(work)), list[Snapshot[T]]()

    def run(one: Callable[[], Snapshot[T]]) -> None:
        barrier.wait(PATIENCE)
        done.append(one())

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return done


def until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(PAUSE)


def is_read(snapshot: Snapshot[Any]) -> bool:
    return snapshot.state is State.OK


def asked(vpo: VpoServer, path: str = "/api/jobs") -> int:
    return sum(request.path == path for request in vpo.requests)
