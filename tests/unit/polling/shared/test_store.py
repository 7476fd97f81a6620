"""What a real Redis or Valkey does; left out where there is none."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from pydantic import SecretStr

from bench.running_store import RunningStore, running_store, store_binary
from tests.secret_leaks import PASSWORD
from tests.unit.polling.shared.conftest import until
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared import store as store_module
from vpo_monitor.polling.shared.address import StoreDown
from vpo_monitor.polling.shared.store import Store

needs_a_store = pytest.mark.skipif(store_binary() is None, reason="no redis-server on the PATH")
StoreOf = Callable[..., Store]
_DOCS = Path(__file__).parents[4] / "docs" / "how-to" / "scale-out.md"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningStore]:
    with running_store() as store:
        yield store


@pytest.fixture
def store_of() -> Iterator[StoreOf]:
    """Open a store at an address, below a prefix; its connections are closed in the end."""
    with contextlib.ExitStack() as opened:

        def open_store(url: str, process: str = "process", prefix: str = "test:") -> Store:
            store = Store(SecretStr(url), prefix, process)
            opened.callback(store.close)
            return store

        yield open_store


@needs_a_store
def test_a_lock_is_held_by_one_and_renewed_until_it_is_released(
    running: RunningStore, monkeypatch: pytest.MonkeyPatch, store_of: StoreOf
) -> None:
    monkeypatch.setattr(store_module, "LEASE", 0.5)
    first, second = (store_of(running.url, name) for name in ("first", "second"))
    with first.exclusive("key", 0.0) as is_ours:
        assert is_ours
        held_until = time.monotonic() + 1
        while time.monotonic() < held_until:
            first.beat()
            with second.exclusive("key", 0.0) as is_theirs:
                assert not is_theirs
        with second.exclusive("other", 0.0) as is_theirs:
            assert is_theirs
    with second.exclusive("key", 0.0) as is_theirs:
        assert is_theirs


@needs_a_store
def test_a_lock_that_nobody_renews_expires(
    running: RunningStore, monkeypatch: pytest.MonkeyPatch, store_of: StoreOf
) -> None:
    monkeypatch.setattr(store_module, "LEASE", 0.1)
    with (
        store_of(running.url).exclusive("left", 0.0),
        store_of(running.url).exclusive("left", 20.0) as is_theirs,
    ):
        assert is_theirs


@needs_a_store
def test_the_budget_is_spent_by_all_and_fills_again(
    running: RunningStore, store_of: StoreOf
) -> None:
    stores = [store_of(running.url, name) for name in ("first", "second")]
    budget, begun, spent = Budget(600), time.monotonic(), 0
    while not (wait := stores[spent % 2].spend(600, Priority.IN_VIEW)):
        spent += 1
    flowed_in = budget.per_second * (time.monotonic() - begun)
    assert budget.burst <= spent <= budget.burst + flowed_in + 1
    assert 0 < wait <= 1 / budget.per_second
    until(lambda: not stores[0].spend(600, Priority.IN_VIEW))
    stores[1].empty_budget()
    assert stores[0].spend(600, Priority.NICE_TO_HAVE) > wait


@needs_a_store
def test_a_budget_that_another_process_never_releases_is_told(
    running: RunningStore, store_of: StoreOf
) -> None:
    with redis.Redis(port=running.port) as direct:
        direct.set("test:budget-lock", "a process that stands still", px=60_000)
        with pytest.raises(StoreDown, match="does not answer in time"):
            store_of(running.url).spend(100, Priority.IN_VIEW)
        direct.delete("test:budget-lock")


@needs_a_store
def test_processes_are_counted(running: RunningStore, store_of: StoreOf) -> None:
    assert store_of(running.url, "counted").beat() + 1 == store_of(running.url, "one more").beat()


@needs_a_store
def test_what_is_there_as_another_kind_is_told(running: RunningStore, store_of: StoreOf) -> None:
    store = store_of(running.url)
    with redis.Redis(port=running.port) as direct:
        direct.rpush("test:result:list", b"1")
    with pytest.raises(StoreDown, match="rejects a required command"):
        store.get("list")


@needs_a_store
@pytest.mark.parametrize("budget", ["many", "1", "1 2 3"])
def test_a_budget_that_is_none_is_told(
    budget: str, running: RunningStore, store_of: StoreOf
) -> None:
    with redis.Redis(port=running.port) as direct:
        direct.set("test:budget", budget, px=60_000)
        with pytest.raises(StoreDown, match="does not answer like Redis"):
            store_of(running.url).spend(100, Priority.IN_VIEW)
        direct.delete("test:budget")


@needs_a_store
def test_a_user_who_may_do_no_more_than_needed_is_enough(store_of: StoreOf) -> None:
    with running_store() as running, redis.Redis(port=running.port) as direct:
        told = _DOCS.read_text("utf-8").split("ACL SETUSER vpo ", 1)[1].split("```")[0]
        words = [word for word in told.split() if word != "\\"]
        words[words.index(">password")] = f">{PASSWORD}"
        direct.execute_command("ACL", "SETUSER", "vpo", *words)
        login = f"vpo:{quote(PASSWORD, safe='')}"
        url = f"redis://{login}@127.0.0.1:{running.port}"
        store = store_of(url, prefix="vpo-monitor:")
        with store.exclusive("result", 1.0) as is_ours:
            assert is_ours
            assert store.beat() == 1
        assert not direct.exists("vpo-monitor:lock:result")
        assert store.spend(100, Priority.IN_VIEW) == 0
        store.empty_budget()
        store.put("result", b"1")
        assert store.get("result") is not None
        with pytest.raises(redis.exceptions.NoPermissionError):
            store._redis.get("of another program")
        with pytest.raises(redis.exceptions.NoPermissionError):
            store._redis.flushall()


@needs_a_store
def test_a_store_that_refuses_the_login_is_told(running: RunningStore, store_of: StoreOf) -> None:
    store = store_of(f"redis://nobody:wrong@127.0.0.1:{running.port}")
    with pytest.raises(StoreDown, match="rejects the login"):
        store.beat()


@needs_a_store
def test_a_store_that_hangs_is_waited_for_briefly(running: RunningStore, store_of: StoreOf) -> None:
    store = store_of(running.url)
    store.beat()
    with running.hanging():
        begun = time.monotonic()
        with pytest.raises(StoreDown, match="does not answer in time"):
            store.get("key")
        assert time.monotonic() - begun < 2


def test_a_store_that_is_not_there_is_told(store_of: StoreOf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    with pytest.raises(StoreDown, match="cannot be reached") as down:
        store_of(f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{port}").get("key")
    assert down.value.__cause__ is None


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*-7\r\n", b"$x\r\n", b"\xff" * 100 + b"\r\n"]
)
def test_what_is_no_store_at_all_is_told(said: bytes, store_of: StoreOf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:

        def answer() -> None:
            with contextlib.suppress(OSError):
                connection, _ = place.accept()
                with connection:
                    while connection.recv(4096):
                        connection.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        store = store_of(f"redis://127.0.0.1:{place.getsockname()[1]}")
        with pytest.raises(StoreDown):
            store.beat()
        store.close()
        thread.join(20)
        assert not thread.is_alive()
