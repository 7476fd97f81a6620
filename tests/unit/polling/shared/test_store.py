"""What a real Redis or Valkey does; left out where there is none."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from pydantic import SecretStr

from bench.running_store import RunningStore, running_store, store_binary
from tests.secret_leaks import PASSWORD
from vpo_monitor.polling.shared.address import StoreDown
from vpo_monitor.polling.shared.store import Store

needs_a_store = pytest.mark.skipif(store_binary() is None, reason="no redis-server on the PATH")
_DOCS = Path(__file__).parents[4] / "docs" / "how-to" / "scale-out.md"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningStore]:
    with running_store() as store:
        yield store


def store_of(url: str, process: str = "process", lease: float = 3.0) -> Store:
    return Store(SecretStr(url), "test:", process, lease)


@needs_a_store
def test_one_process_leads_until_its_lease_ends(running: RunningStore) -> None:
    first, second = (store_of(running.url, name, lease=0.2) for name in ("first", "second"))
    assert first.elect() == ("first", 1, None)
    first.put("result", b"1", 7.5)
    assert second.elect() == ("first", 2, 7.5)
    assert first.elect() == ("first", 2, 7.5)
    give_up_at = time.monotonic() + 20
    while second.elect()[0] != "second":
        assert time.monotonic() < give_up_at
    assert first.elect() == ("second", 2, 7.5)


@needs_a_store
def test_what_is_there_as_another_kind_is_told(running: RunningStore) -> None:
    store = store_of(running.url)
    with redis.Redis(port=running.port) as direct:
        direct.rpush("test:list", b"1")
        direct.set("test:text", b"1")
    with pytest.raises(StoreDown, match="rejects a required command"):
        store.get("list")
    with pytest.raises(StoreDown, match="rejects a required command"):
        store.push("text", b"1")


@needs_a_store
def test_a_user_who_may_do_no_more_than_needed_is_enough() -> None:
    with running_store() as running, redis.Redis(port=running.port) as direct:
        told = _DOCS.read_text("utf-8").split("ACL SETUSER vpo ", 1)[1].split("```")[0]
        words = [word for word in told.split() if word != "\\"]
        words[words.index(">password")] = f">{PASSWORD}"
        direct.execute_command("ACL", "SETUSER", "vpo", *words)
        login = f"vpo:{quote(PASSWORD, safe='')}"
        url = SecretStr(f"redis://{login}@127.0.0.1:{running.port}")
        store = Store(url, "vpo-monitor:", "process", 3.0)
        for _ in range(2):
            assert store.elect()[:2] == ("process", 1)
        store.put("result", b"1", 20.0)
        assert store.get("result") is not None
        store.push("list", b"1")
        assert store.pop("list") == b"1"
        assert store.pop("list") is None
        with pytest.raises(redis.exceptions.NoPermissionError):
            store._redis.get("of another program")
        with pytest.raises(redis.exceptions.NoPermissionError):
            store._redis.flushall()


@needs_a_store
def test_a_store_that_refuses_the_login_is_told(running: RunningStore) -> None:
    store = store_of(f"redis://nobody:wrong@127.0.0.1:{running.port}")
    with pytest.raises(StoreDown, match="rejects the login"):
        store.elect()


@needs_a_store
def test_a_store_that_hangs_is_waited_for_briefly(running: RunningStore) -> None:
    store = store_of(running.url)
    store.elect()
    with running.hanging():
        begun = time.monotonic()
        with pytest.raises(StoreDown, match="does not answer in time"):
            store.get("key")
        assert time.monotonic() - begun < 2


def test_a_store_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    with pytest.raises(StoreDown, match="cannot be reached") as down:
        store_of(f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{port}").get("key")
    assert down.value.__cause__ is None


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"*-7\r\n", b"$x\r\n", b"\xff" * 100 + b"\r\n"]
)
def test_what_is_no_store_at_all_is_told(said: bytes) -> None:
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
            store.elect()
        del store
        thread.join(20)
        assert not thread.is_alive()
