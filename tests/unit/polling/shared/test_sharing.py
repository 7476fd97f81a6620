"""Processes (here threads) that share the poll of the demo server through a real store."""

import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from bench.running_store import RunningStore, running_store, store_binary
from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.vpo_server import VpoServer, start
from vpo_monitor.api.models import JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.polling import clock, queries
from vpo_monitor.polling.fetch_requirements import BudgetExhausted
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared import guard
from vpo_monitor.polling.shared.sharing import Sharing
from vpo_monitor.polling.shared.store import StoreDown
from vpo_monitor.polling.snapshot import Snapshot, State

pytestmark = pytest.mark.skipif(store_binary() is None, reason="no redis-server on the PATH")
LIST = queries.jobs(limit=10)
_PATIENCE = 20.0


@pytest.fixture
def vpo() -> Iterator[VpoServer]:
    with start(worker=False, history=20, token=TOKEN) as running:
        yield running


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStore]:
    monkeypatch.setattr(guard, "RETRY_AFTER", 0.1)
    with running_store("--requirepass", PASSWORD) as running:
        yield running


class Process:
    """What a process has of its own."""

    def __init__(self, vpo: VpoServer, store: RunningStore, token: str = TOKEN) -> None:
        url = f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{store.port}/0"
        server = Server("test", vpo.url, SecretStr(token))
        self.sharing = Sharing(server, SecretStr(url), "THE_STORE", 100)
        self.poller = Poller(
            self.sharing.client,
            Budget(100),
            client_for=self.sharing.client_for,
            patience=_PATIENCE,
        )

    def read(self, *, is_refresh: bool = False) -> Snapshot[JobPage]:
        newer_than = self.poller.now() if is_refresh else float("-inf")
        return self.poller.read(LIST, 60, newer_than=newer_than)


def at_once(work: list[Callable[[], Snapshot[JobPage]]]) -> list[Snapshot[JobPage]]:
    """Do all of it at the same moment."""
    barrier, done = threading.Barrier(len(work)), list[Snapshot[JobPage]]()

    def run(one: Callable[[], Snapshot[JobPage]]) -> None:
        barrier.wait(_PATIENCE)
        done.append(one())

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
    return done


def until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < give_up_at


def asked(vpo: VpoServer) -> int:
    return sum(request.path == "/api/jobs" for request in vpo.requests)


def test_four_processes_that_ask_at_once_ask_once(vpo: VpoServer, store: RunningStore) -> None:
    processes = [Process(vpo, store) for _ in range(4)]
    begun = clock.now()
    read = at_once([process.read for process in processes])
    ended = clock.now()
    assert [len(snapshot.data.rows) for snapshot in read if snapshot.data] == [10] * 4
    assert asked(vpo) == 1
    # One machine has one clock, however long each takes to look at it.
    assert all(begun <= (snapshot.fetched_at or 0.0) <= ended for snapshot in read)
    assert processes[1].read(is_refresh=True).state is State.OK
    assert asked(vpo) == 2


def test_a_store_that_hangs_is_gone_or_comes_back_costs_no_answer(
    vpo: VpoServer, store: RunningStore
) -> None:
    first, second = (Process(vpo, store) for _ in range(2))
    assert first.read().state is second.read().state is State.OK
    assert asked(vpo) == 1
    with store.hanging():
        begun = time.monotonic()
        assert first.read(is_refresh=True).state is State.OK
        assert time.monotonic() - begun < 2
        assert "does not answer in time" in str(first.sharing.problem)
    store.stop()
    for process in (first, second):
        assert process.read(is_refresh=True).state is State.OK
    assert second.sharing.problem is not None
    store.start()

    def is_shared() -> bool:
        """Whether a look after a look costs one request, as it does while all is well."""
        first.read(is_refresh=True)
        return first.sharing.problem is None

    until(is_shared)


def test_two_servers_in_one_store_are_told_apart(vpo: VpoServer, store: RunningStore) -> None:
    with start(worker=False, history=0, token=TOKEN) as other:
        other.store.add_job(job_type="move", status="queued", file_path="/other.mkv")
        ours, others = ([Process(one, store) for _ in range(2)] for one in (vpo, other))
        read = at_once([process.read for process in (*ours, *others)])
        paths = [[job.file_path for job in one.data.rows] for one in read if one.data]
        assert sorted(map(len, paths)) == [1, 1, 10, 10]
        assert paths.count(["/other.mkv"]) == 2
        assert asked(vpo) == asked(other) == 1
        for two in (ours, others):  # what one is told is what the other is told
            told = [process.read().data for process in two]
            assert told[0] == told[1]
        with contextlib.suppress(BudgetExhausted):
            while True:
                ours[0].sharing._answers._budget.take(Priority.IN_VIEW)  # type: ignore[union-attr]
        assert others[1].read(is_refresh=True).state is State.OK
    for process in others:
        assert process.read(is_refresh=True).state is State.FAILED
    for process in ours:
        assert process.read().state is State.OK


def test_a_token_that_is_refused_gets_nothing_that_another_was_given(
    vpo: VpoServer, store: RunningStore
) -> None:
    trusted, stranger = Process(vpo, store), Process(vpo, store, "another")
    assert trusted.read().state is State.OK
    refused = stranger.read()
    assert (refused.state, refused.data) == (State.STOPPED, None)
    assert trusted.read(is_refresh=True).state is State.OK


def test_neither_log_nor_object_nor_traceback_tells_a_secret(
    vpo: VpoServer, store: RunningStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    process = Process(vpo, store)
    process.read()
    store.stop()
    process.read(is_refresh=True)
    assert "cannot be reached" in caplog.text
    sharing = process.sharing
    answers = sharing._answers
    assert answers is not None
    inner = sharing._guard._store
    held = [sharing, sharing.client, answers, answers._keys, sharing._guard, inner]
    told = [f"{one!r} {one!s} {vars(one)}" for one in held]
    told.append(f"{inner._redis.connection_pool!r}")  # type: ignore[attr-defined]
    with pytest.raises(StoreDown) as down:
        inner.get("key")
    frames = down.value.with_traceback(down.tb.tb_next)  # without this one, which has them all
    told += traceback.TracebackException.from_exception(frames, capture_locals=True).format()
    assert not leaks("\n".join([caplog.text, str(sharing.problem), *told]), TOKEN, PASSWORD)
