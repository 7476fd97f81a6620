"""Processes that share a poll: what it costs VPO, what each shows, and what if parts are gone."""

import functools
import json
import logging
import threading
import time
import traceback

import pytest
import redis

from bench.running_store import RunningStore, store_binary
from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.unit.polling.shared.conftest import (
    PATIENCE,
    PAUSE,
    Process,
    Start,
    asked,
    at_once,
    is_read,
    until,
)
from tests.vpo_server import Fault, VpoServer, start
from vpo_monitor.api import errors
from vpo_monitor.api.json_http import JsonHttp
from vpo_monitor.polling import clock, queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.jobs_copy import jobs_copy
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.line_pattern import LinePattern
from vpo_monitor.polling.log_copy import log_copy
from vpo_monitor.polling.log_page import log_pages
from vpo_monitor.polling.log_search import log_search
from vpo_monitor.polling.log_tail import log_tail
from vpo_monitor.polling.queries import Priority, Route
from vpo_monitor.polling.shared import sharing
from vpo_monitor.polling.shared import store as shared_store
from vpo_monitor.polling.shared.address import StoreDown
from vpo_monitor.polling.snapshot import State

pytestmark = pytest.mark.skipif(store_binary() is None, reason="no redis-server on the PATH")
LIST = queries.jobs(limit=10)


def is_live(process: Process) -> bool:
    return is_read(process.read(queries.jobs(limit=5)))


def direct(store: RunningStore) -> redis.Redis:
    """Another program that uses the store."""
    return redis.Redis(port=store.port, password=PASSWORD)


def refresh(processes: list[Process]) -> None:
    """Have each process read once more; the budget may let them wait."""
    begun = clock.now()
    for one in processes:
        while (one.read(LIST, is_refresh=True).fetched_at or 0.0) <= begun:
            assert clock.now() - begun < PATIENCE
            time.sleep(PAUSE)


def test_four_processes_that_ask_at_once_ask_once(vpo: VpoServer, process: Start) -> None:
    processes = [process() for _ in range(4)]
    begun = clock.now()
    read = at_once([functools.partial(one.read, LIST) for one in processes])
    ended = clock.now()
    assert [len(snapshot.data.rows) for snapshot in read if snapshot.data] == [10] * 4
    assert asked(vpo) == 1
    # One machine has one clock, however long each takes to look at it.
    assert all(begun <= (snapshot.fetched_at or 0.0) <= ended for snapshot in read)
    assert is_read(processes[1].read(LIST, is_refresh=True))
    assert asked(vpo) == 2


def test_four_processes_cost_the_requests_of_one(vpo: VpoServer, process: Start) -> None:
    processes = [process() for _ in range(4)]
    rounds, interval = 8, 0.25
    seen = [set[float]() for _ in processes]
    for one in processes:
        one.read(LIST)
    before = asked(vpo)

    def watch(number: int) -> None:
        while asked(vpo) - before < rounds:
            snapshot = processes[number].read(LIST, interval)
            seen[number].add(snapshot.fetched_at or 0.0)
            time.sleep(PAUSE)

    begun = clock.now()
    threads = [threading.Thread(target=watch, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    most = (clock.now() - begun) / (0.9 * interval) + 1
    assert rounds <= asked(vpo) - before <= most
    assert all(len(times) > rounds / 2 for times in seen)


def test_all_a_page_shows_works_in_each_process(vpo: VpoServer, process: Start) -> None:
    job = vpo.store.add_job(job_type="transcode", status="running")
    lines = [f"line {number}" for number in range(1, 3001)]
    vpo.store.append_log(job, lines)
    told = []
    for one in [process(per_minute=10_000) for _ in range(3)]:
        tail = one.complete(log_tail(job), lambda tail: tail.end == len(lines))
        search = log_search(job, LinePattern("line 1234"), 3000, 0)
        found = one.complete(search, lambda found: found.is_done)
        copy = one.complete(log_copy(job, 0), lambda copy: copy.is_done)
        page = one.read(log_pages(job, 100, 200, 0)[0]).data
        jobs = one.complete(jobs_copy(LIST, 0), lambda jobs: jobs.is_done)
        detail = one.read(queries.job(job)).data
        assert detail is not None
        told.append(
            (tail.lines[-1], found.matching_lines(), copy.read(), page, detail.id, jobs.rows)
        )
    assert told[0][:2] == ("line 3000", ["line 1234"])
    assert told[0][2].decode().splitlines() == lines
    assert told[0] == told[1] == told[2]


def test_if_a_process_is_gone_during_its_request_another_makes_it(
    vpo: VpoServer, store: RunningStore, process: Start
) -> None:
    processes = [process() for _ in range(3)]
    for one in processes:
        assert is_read(one.read(LIST))
    with direct(store) as other:  # what a killed process leaves behind
        (result,) = other.scan_iter("vpo-monitor:*:result:*")
        other.set(
            result.replace(b":result:", b":lock:"), b"gone", px=round(shared_store.LEASE * 1000)
        )
    gone_at = clock.now()
    refresh(processes)
    assert clock.now() - gone_at < 10
    assert asked(vpo) <= 1 + len(processes)
    assert [one.sharing.problem for one in processes] == [None] * 3


def test_a_slow_request_is_made_once_however_long_it_takes(
    vpo: VpoServer, process: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_store, "LEASE", 1.0)
    monkeypatch.setattr(sharing, "_BEAT_INTERVAL", 0.1)
    processes = [process() for _ in range(3)]
    vpo.faults.set(Fault.SLOW, seconds=2.5)
    read = at_once([functools.partial(one.read, LIST) for one in processes])
    assert [snapshot.state for snapshot in read] == [State.OK] * 3
    assert asked(vpo) == 1


def spend_all(vpo: VpoServer, processes: list[Process], budget: Budget) -> None:
    """Make requests until none is free."""
    for number in range(1000):
        if asked(vpo) >= budget.burst:
            return
        one = processes[number % len(processes)]
        one.poller.read(queries.jobs(offset=number), 60, patience=0.1)


def test_a_budget_is_that_of_all_processes(vpo: VpoServer, process: Start) -> None:
    budget, begun = Budget(40), clock.now()
    processes = [process(per_minute=budget.per_minute) for _ in range(3)]
    spend_all(vpo, processes, budget)
    until(lambda: processes[1].read(LIST).next_attempt_at > clock.now())
    snapshot = processes[1].read(LIST)
    assert snapshot.state is State.WAITING
    assert snapshot.fetching_since is None  # so that the page says what it waits for
    assert asked(vpo) <= budget.burst + budget.per_second * (clock.now() - begun) + 1


@pytest.mark.parametrize("down", [pytest.param("hangs", marks=pytest.mark.long), "is gone"])
def test_without_the_store_each_process_polls_within_its_share(
    down: str,
    vpo: VpoServer,
    store: RunningStore,
    process: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared_store, "_TIMEOUT", 1.0)
    processes = [process(per_minute=400) for _ in range(4)]
    until(lambda: all(one.sharing._processes == len(processes) for one in processes))
    for one in processes:
        assert is_read(one.read(LIST))
    before = asked(vpo)

    def ask_alone(says: str) -> None:
        begun = clock.now()
        refresh(processes)
        assert clock.now() - begun < 10
        for one in processes:
            said = str(one.sharing.problem)
            assert said.startswith(f"The store in THE_STORE {says}, so this process polls VPO on")
        share = Budget(400 // len(processes), tokens=0.0).per_second
        assert len(processes) <= asked(vpo) - before
        assert asked(vpo) - before <= len(processes) * (1 + share * (clock.now() - begun))

    if down == "hangs":
        with store.hanging():
            ask_alone("does not answer in time")
    else:
        store.stop()
        ask_alone("cannot be reached")
        store.start()
    until(lambda: all(one.sharing.problem is None for one in processes))
    before = asked(vpo)
    for one in processes:
        until(functools.partial(is_live, one))
    assert asked(vpo) - before == 1


def test_processes_that_start_without_the_store_keep_to_the_limit_together(
    vpo: VpoServer, store: RunningStore, process: Start
) -> None:
    store.stop()
    begun = clock.now()
    processes = [process(per_minute=40) for _ in range(4)]
    for number in range(40):
        one = processes[number % len(processes)]
        one.poller.read(queries.jobs(offset=number), 60, patience=0.1)
    for one in processes:
        assert one.sharing.problem is not None
    limit = Budget(40)
    assert asked(vpo) <= limit.burst + limit.per_second * (clock.now() - begun)


def test_a_failure_and_its_wait_are_those_of_all(vpo: VpoServer, process: Start) -> None:
    first, second = process(), process()
    vpo.faults.set(Fault.RATE_LIMITED, retry_after="37")
    told = [one.read(LIST).error for one in (first, second)]
    assert asked(vpo) == 1
    assert type(told[0]) is type(told[1]) is errors.RateLimited
    assert str(told[0]) == str(told[1])
    assert told[1].retry_after == pytest.approx(37, abs=5)


def test_a_process_that_tries_again_does_not_take_the_failure_of_before(
    vpo: VpoServer, process: Start
) -> None:
    vpo.faults.set(Fault.UNAUTHORIZED)
    first, second = process(), process()
    for one in (first, second):
        assert one.read(LIST).state is State.STOPPED
    vpo.faults.clear(Fault.UNAUTHORIZED)
    assert second.read(LIST).state is State.STOPPED
    second.poller.retry()
    assert is_read(second.read(LIST))
    first.poller.retry()
    assert is_read(first.read(LIST))


def test_what_is_wanted_once_is_requested_when_it_is_wanted(vpo: VpoServer, process: Start) -> None:
    first, second = process(), process()
    first.read(LIST)
    asked_at = clock.now()
    until(lambda: clock.now() > asked_at + 0.05)
    second.read(LIST, float("inf"))
    assert asked(vpo) == 2


def test_each_process_can_want_an_answer_of_its_own(vpo: VpoServer, process: Start) -> None:
    for one in (process(), process()):
        assert is_read(one.read(LIST, 0.0))
    assert asked(vpo) == 2


def test_details_that_one_process_has_requested_are_no_request_of_the_others(
    vpo: VpoServer, process: Start
) -> None:
    jobs = [vpo.store.add_job(job_type="scan", status="queued") for _ in range(3)]

    def details() -> Steps[int]:
        for number, job in enumerate(jobs):
            yield number, queries.job(job)
        return len(jobs)

    work = BulkQuery[int](Route.DETAIL, details, (), Priority.BULK, reuse=60.0)
    for one in [process() for _ in range(3)]:
        one.complete(work, lambda done: done == len(jobs))
    assert sum(asked(vpo, f"/api/jobs/{job}") for job in jobs) == len(jobs)


def test_two_servers_in_one_store_are_told_apart(vpo: VpoServer, process: Start) -> None:
    with start(worker=False, history=0, token=TOKEN) as other:
        other.store.add_job(job_type="move", status="queued", file_path="/other.mkv")
        ours, others = ([process(one) for _ in range(2)] for one in (vpo, other))
        read = at_once([functools.partial(one.read, LIST) for one in (*ours, *others)])
        paths = [[job.file_path for job in one.data.rows] for one in read if one.data]
        assert sorted(map(len, paths)) == [1, 1, 10, 10]
        assert paths.count(["/other.mkv"]) == 2
        assert asked(vpo) == asked(other) == 1
        for number in range(30):  # one has no request left, which is nothing to the other
            ours[0].poller.read(queries.jobs(offset=number), 60, patience=0.0)
        assert is_read(others[1].read(LIST, is_refresh=True))
    until(lambda: others[1].read(LIST, is_refresh=True).state is State.FAILED)
    assert is_read(ours[1].read(LIST))


def test_a_token_that_is_refused_gets_nothing_that_another_was_given(process: Start) -> None:
    trusted, stranger = process(), process(token="another")
    assert is_read(trusted.read(LIST))
    refused = stranger.read(LIST)
    assert (refused.state, refused.data) == (State.STOPPED, None)
    assert is_read(trusted.read(LIST, is_refresh=True))


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x80\x04\x95pickle",
        b"[1, 2]",
        b"[" * 200_000,
        b'{"took": 0.1, "clock": 1.7e9, "body": {"jobs": []',
        b'{"took": "0.1", "clock": 1.7e9, "body": {"jobs": []}}',
        b'{"took": NaN, "clock": 1.7e9, "body": {"jobs": []}}',
        b'{"took": -1, "clock": 1.7e9, "body": {"jobs": []}}',
        b'{"took": 0.1, "clock": Infinity, "body": {"jobs": []}}',
        b'{"took": 0.1, "clock": 1.7e9, "body": {"jobs": []}, "more": 1}',
        b'{"took": 0.1, "clock": 1.7e9, "error": "SystemExit"}',
        b'{"took": 0.1, "clock": 1.7e9, "error": "parse_retry_after"}',
        b'{"took": 0.1, "clock": 1.7e9, "error": "ServerBusy", "sentence": "' + b"x" * 501 + b'"}',
        b'{"took": 0.1, "clock": 1.7e9, "error": "RateLimited", "retry_after": -1}',
        b'{"took": 0.1, "clock": 1.7e9, "body": "' + b"x" * 17_000_000 + b'"}',
    ],
    ids=lambda rubbish: str(rubbish[:60]),
)
def test_what_is_no_result_is_requested_anew(
    rubbish: bytes, vpo: VpoServer, store: RunningStore, process: Start
) -> None:
    first, second = process(), process()
    assert is_read(first.read(LIST))
    with direct(store) as other:
        (key,) = other.scan_iter("vpo-monitor:*:result:*")
        other.set(key, rubbish, px=60_000)
    assert is_read(second.read(LIST))
    assert asked(vpo) == 2


def test_a_sentence_in_the_store_is_one_line_of_plain_text(
    store: RunningStore, process: Start
) -> None:
    first, second = process(), process()
    assert is_read(first.read(LIST))
    said = {"took": 0.1, "clock": 1.7e9, "error": "ServerBusy"}
    with direct(store) as other:
        (key,) = other.scan_iter("vpo-monitor:*:result:*")
        said["sentence"] = "busy\n2026-11-26 all is well\x1b[31m\u202e"
        other.set(key, json.dumps(said), px=60_000)
    assert str(second.read(LIST).error) == "busy 2026-11-26 all is well"


def test_everything_in_the_store_expires(store: RunningStore, process: Start) -> None:
    first, second = process(), process()
    for one in (first, second):
        assert is_read(one.read(LIST, is_refresh=True))
    with direct(store) as other:
        keys = list(other.scan_iter())
        assert all(key.startswith(b"vpo-monitor:") for key in keys)
        assert all(0 < other.pttl(key) <= 60_000 for key in keys)
        assert not leaks(b" ".join(keys), TOKEN)


def test_the_clock_of_the_server_is_known_to_all(
    vpo: VpoServer, process: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JsonHttp, "clock_ahead", 3600.0)
    first, second = process(), process()
    for one in (first, second):
        assert is_read(one.read(LIST))
        assert one.sharing.client.clock_ahead == pytest.approx(3600, abs=5)
    assert asked(vpo) == 1


def test_an_answer_of_many_megabytes_is_shared(vpo: VpoServer, process: Start) -> None:
    job = vpo.store.add_job(job_type="transcode", status="running")
    vpo.store.append_log(job, ["é" * 1000] * 1000)
    lines = queries.log_lines(job, lines=1000, offset=0)
    for one in (process(), process()):
        assert is_read(one.read(lines))
    assert asked(vpo, f"/api/jobs/{job}/logs") == 1


def test_neither_log_nor_object_nor_traceback_tells_a_secret(
    store: RunningStore, process: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = process()
    one.read(LIST)
    store.stop()
    one.read(LIST, is_refresh=True)
    assert "cannot be reached" in caplog.text
    inner = one.sharing._store
    assert inner is not None
    held = [one.sharing, one.sharing.client, inner]
    told = [f"{one!r} {one!s} {vars(one)}" for one in held]
    told.append(f"{inner._redis.connection_pool!r}")
    with pytest.raises(StoreDown) as down:
        inner.get("key")
    frames = down.value.with_traceback(down.tb.tb_next)  # without this one, which has them all
    told += traceback.TracebackException.from_exception(frames, capture_locals=True).format()
    assert not leaks("\n".join([caplog.text, str(one.sharing.problem), *told]), TOKEN, PASSWORD)
