import logging
import threading
from collections.abc import Callable

import pytest

from tests.memory_store import MemoryStore
from vpo_monitor.polling.shared import guard as guard_module
from vpo_monitor.polling.shared.guard import RETRY_AFTER, Guard
from vpo_monitor.polling.shared.store import StoreDown


class Clock:
    now = 0.0


def guarded(store: MemoryStore, start: Callable[[Callable[[], None]], None]) -> Guard:
    return Guard(store, "THE_STORE", now=store.now, start=start)


def put(guard: Guard) -> bool:
    """Whether something could be put into the store."""
    try:
        guard.do(lambda store: store.put("key", b"1", 1))
    except StoreDown:
        return False
    return True


def test_a_store_that_failed_is_left_alone_and_tried_again_beside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, work = Clock(), list[Callable[[], None]]()
    store = MemoryStore(lambda: clock.now)
    guard = guarded(store, work.append)
    work.pop()()
    assert put(guard)
    store.down = "does not answer in time"
    assert not put(guard)
    calls = store.calls
    clock.now = RETRY_AFTER - 0.1
    assert [put(guard) for _ in range(50)] == [False] * 50
    assert (store.calls, work) == (calls, [])
    clock.now = RETRY_AFTER
    assert [put(guard) for _ in range(50)] == [False] * 50
    assert (store.calls, len(work)) == (calls, 1)  # nobody waited for it
    work.pop()()
    clock.now = 2 * RETRY_AFTER
    store.down = None
    assert not put(guard)
    work.pop()()
    assert put(guard)
    assert guard.problem is None
    assert [record.getMessage() for record in caplog.records] == [
        (
            "The store in THE_STORE does not answer in time, so this process polls VPO on its "
            "own. Retrying every 5 s."
        ),
        "The store in THE_STORE is back in use.",
    ]


def test_a_store_that_never_worked_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    store = MemoryStore(lambda: clock.now, down="cannot be reached")
    guard = guarded(store, lambda work: work())
    for _ in range(20):
        clock.now += RETRY_AFTER
        assert not put(guard)
    assert "cannot be reached" in (guard.problem or "")
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING


def test_a_store_that_hangs_at_the_beginning_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard_module, "_FIRST_PATIENCE", 0.01)
    released, checked = threading.Event(), threading.Event()

    class Hanging(MemoryStore):
        def check(self) -> None:
            assert released.wait(20)

    def start(work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            checked.set()

        threading.Thread(target=run).start()

    guard = guarded(Hanging(lambda: 0.0), start)
    assert not put(guard)
    assert "does not answer in time" in (guard.problem or "")
    released.set()
    assert checked.wait(20)
    assert put(guard)
    assert guard.problem is None
