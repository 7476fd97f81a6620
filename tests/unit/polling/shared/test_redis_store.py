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
from vpo_monitor.polling.shared.redis_store import RedisStore
from vpo_monitor.polling.shared.store import FORMAT, MOST_BYTES, Bucket, StoreDown

needs_a_store = pytest.mark.skipif(store_binary() is None, reason="no redis-server on the PATH")
_DOCS = Path(__file__).parents[4] / "docs" / "how-to" / "scale-out.md"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningStore]:
    with running_store() as store:
        yield store


@pytest.fixture
def store(running: RunningStore) -> Iterator[RedisStore]:
    with redis.Redis(port=running.port) as direct:
        direct.flushall()
    store = RedisStore(SecretStr(running.url), timeout=5)
    yield store
    store._redis.close()


def bucket(name: str = "process", *, at_first: float = 20) -> Bucket:
    return Bucket("budget:x", name, burst=20, per_second=80 / 60, at_first=at_first)


@needs_a_store
def test_what_is_put_is_there_until_its_end(store: RedisStore) -> None:
    assert store.get("key") is None
    store.put("key", b"\x00 octets \xff", 30.0)
    value = store.get("key")
    assert value is not None
    assert value.octets == b"\x00 octets \xff"
    assert 20 < value.seconds_left <= 30
    store.put("key", b"2", 0.001)
    give_up_at = time.monotonic() + 20
    while store.get("key") is not None:
        assert time.monotonic() < give_up_at


@needs_a_store
def test_what_is_too_long_or_without_an_end_is_not_there(
    store: RedisStore, running: RunningStore
) -> None:
    store.put("long", b"x" * (MOST_BYTES + 1), 30.0)
    assert store.get("long") is None
    with redis.Redis(port=running.port) as direct:
        direct.set(f"{FORMAT}for ever", b"1")
    assert store.get("for ever") is None


@needs_a_store
def test_a_lock_is_given_to_one_and_given_back_by_none_else(store: RedisStore) -> None:
    assert store.lock("lock", "first", 30.0)
    assert not store.lock("lock", "second", 30.0)
    store.unlock("lock", "second")
    assert not store.lock("lock", "second", 30.0)
    store.unlock("lock", "first")
    assert store.lock("lock", "second", 0.001)
    give_up_at = time.monotonic() + 20
    while not store.lock("lock", "third", 30.0):
        assert time.monotonic() < give_up_at


@needs_a_store
def test_a_bucket_is_spent_by_all_together(store: RedisStore) -> None:
    taken = [store.take(bucket(f"process {n % 4}"), 1, 0) for n in range(24)]
    assert sum(one.wait == 0 for one in taken) in (20, 21)
    assert 0 < taken[-1].wait <= 60 / 80
    assert taken[-1].processes == 4
    assert store.take(bucket("process 5"), 0, 0).processes == 5


@needs_a_store
def test_what_is_kept_is_left_and_a_new_bucket_can_be_empty(store: RedisStore) -> None:
    taken = [store.take(bucket(), 1, 10).wait for _ in range(12)]
    assert sum(wait == 0 for wait in taken) in (10, 11)
    other = Bucket("budget:y", "process", burst=20, per_second=80 / 60, at_first=0)
    assert store.take(other, 1, 0).wait == pytest.approx(60 / 80, rel=0.1)


@needs_a_store
def test_all_that_it_leaves_has_an_end(store: RedisStore, running: RunningStore) -> None:
    store.check()
    store.put("key", b"1", 30.0)
    store.lock("lock", "holder", 30.0)
    store.take(bucket(), 1, 0)
    with redis.Redis(port=running.port) as direct:
        keys = list(direct.scan_iter())
        assert all(key.startswith(b"vpo-monitor:") for key in keys)
        assert all(0 < direct.ttl(key) <= 180 for key in keys)


@needs_a_store
def test_what_stands_there_as_another_kind_is_told(
    store: RedisStore, running: RunningStore
) -> None:
    with redis.Redis(port=running.port) as direct:
        direct.set(f"{FORMAT}budget:x", b"no hash")
        direct.rpush(f"{FORMAT}list", b"1")
    with pytest.raises(StoreDown, match="rejects a required command"):
        store.take(bucket(), 1, 0)
    with pytest.raises(StoreDown, match="rejects a required command"):
        store.get("list")


@needs_a_store
def test_a_user_who_may_do_no_more_than_needed_is_enough() -> None:
    with running_store() as running, redis.Redis(port=running.port) as direct:
        told = _DOCS.read_text("utf-8").split("ACL SETUSER vpo ", 1)[1].split("```")[0]
        words = [word for word in told.split() if word != "\\"]
        words[words.index(">password")] = f">{PASSWORD}"
        direct.execute_command("ACL", "SETUSER", "vpo", *words)
        login = f"vpo:{quote(PASSWORD, safe='')}"
        store = RedisStore(SecretStr(f"redis://{login}@127.0.0.1:{running.port}"), timeout=5)
        store.check()
        with pytest.raises(redis.exceptions.NoPermissionError):
            store._redis.get("of another program")
        with pytest.raises(redis.exceptions.NoPermissionError):
            store._redis.flushall()
        store._redis.close()


@needs_a_store
def test_a_store_that_refuses_the_login_is_told(running: RunningStore) -> None:
    store = RedisStore(SecretStr(f"redis://nobody:wrong@127.0.0.1:{running.port}"), timeout=5)
    with pytest.raises(StoreDown, match="rejects the login"):
        store.check()
    store._redis.close()


@needs_a_store
def test_a_store_that_hangs_is_waited_for_briefly(running: RunningStore) -> None:
    store = RedisStore(SecretStr(running.url))
    store.check()
    with running.hanging():
        begun = time.monotonic()
        with pytest.raises(StoreDown, match="does not answer in time"):
            store.get("key")
        assert time.monotonic() - begun < 2
    store._redis.close()


def test_a_store_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    with pytest.raises(StoreDown, match="cannot be reached") as down:
        RedisStore(SecretStr(f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{port}")).get("key")
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
        store = RedisStore(SecretStr(f"redis://127.0.0.1:{place.getsockname()[1]}"))
        with pytest.raises(StoreDown):
            store.check()
        store._redis.close()
        store._redis.connection_pool.disconnect()
        thread.join(20)
        assert not thread.is_alive()
