"""Each fault of a server on each route, as the poller deals with it over time."""

import logging
import math
import tracemalloc
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults import content, sending
from tests.faults.cases import BY_NAME, CASES, EXTREMES, Case
from tests.faults.faulty_server import FaultyServer
from tests.faults.routes import QUERIES, FaultClient
from vpo_monitor.api import errors, json_http
from vpo_monitor.api.server import Server
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import FIRST_DELAY, MAX_DELAY, MAX_RETRY_AFTER, Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.snapshot import Snapshot, State

INTERVAL = 5.0
AWAY = 400.0
NOT_FOUND_INTERVAL = 60.0


class Walk:
    """A poller in front of a faulty server, with a clock that stands until it is moved."""

    def __init__(self, server: FaultyServer, history: Path) -> None:
        self.client = FaultClient(Server("test", server.url))
        self.now = 1000.0
        self._pool = ThreadPoolExecutor(16)
        self._pending: list[Future[None]] = []
        self.store = Store(history)
        self.poller = Poller(
            self.client,
            Budget(100_000),
            interval=INTERVAL,
            now=self._tick,
            random=lambda: 0.5,
            start=lambda work: self._pending.append(self._pool.submit(work)),
            patience=0.0,
            on_answer=JobTracker(self.store, server.url, most_jobs=1000).ingest,
        )

    def _tick(self) -> float:
        self.now += 1e-6  # a clock that stood still would tell nothing of what was before what
        return self.now

    def ask(self, *names: str) -> dict[str, Snapshot[Any]]:
        """What is known after all that is due has been asked for; a log takes two requests."""
        for _ in range(2):
            for name in names or QUERIES:
                self.poller.read(QUERIES[name], INTERVAL)
            self.finish()
        return {name: self.poller.read(QUERIES[name], math.inf) for name in names or QUERIES}

    def finish(self) -> None:
        """Wait until nothing is on its way."""
        while self._pending:
            self._pending.pop().result()

    def wait_for(self, known: dict[str, Snapshot[Any]]) -> None:
        """Let the time pass until the last of them may be asked for again."""
        times = [snapshot.next_attempt_at for snapshot in known.values()]
        self.now = max(self.now, *(time for time in times if time < math.inf), 0.0)

    def close(self) -> None:
        self._pool.shutdown()
        self.store.close()


@pytest.fixture
def walk(
    case: Case, server: FaultyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Walk]:
    if "MB" in case.says:  # the real 16 MB are a matter of the client
        monkeypatch.setattr(json_http, "MAX_BODY_BYTES", 2**20)
    walk = Walk(server, tmp_path / "history")
    yield walk
    walk.close()


FAILURES = [case for case in CASES if case.error and not case.may_be_read]
KINDS = {
    (case.error, case.retry_after): case for case in FAILURES if case.error != errors.Unauthorized
}.values()
"""One case for each way in which the poller can take one."""
ANSWERS = [case for case in CASES if case not in FAILURES]
OFTEN = {*KINDS, *EXTREMES, BY_NAME["401"], BY_NAME["404"], BY_NAME["a Date that is none"]}
OFTEN -= {BY_NAME["10,000 rows"]}  # each is taken as the first
"""What a poller takes in ways that differ; it takes the others as one of these."""


def marked(cases: Iterable[Case]) -> list[Any]:
    """The cases as parameters; those like another one take part in long runs only."""
    marks = {case: () if case in OFTEN else pytest.mark.long for case in cases}
    return [pytest.param(case, marks=mark, id=case.name) for case, mark in marks.items()]


MISSING = {"job", "scan errors", "polling", "report", "runs"}
MISSING |= {"distribution", "library trends", "library files"}
"""What a VPO may lack, so that a 404 is an answer."""


def first_delay(case: Case) -> float:
    """Seconds from the first failure to the next attempt."""
    if case.retry_after is None:
        return INTERVAL
    return min(max(case.retry_after, INTERVAL), MAX_RETRY_AFTER)


@pytest.mark.parametrize("case", marked(FAILURES))
def test_a_failure_keeps_the_data_and_ends_by_itself(
    case: Case, server: FaultyServer, walk: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    before = walk.ask()
    assert {name: it.state for name, it in before.items()} == dict.fromkeys(QUERIES, State.OK)
    server.fault(case)
    walk.client.meet(case)
    walk.now += AWAY
    during = walk.ask()
    is_login = case.error is errors.Unauthorized
    for name, held in during.items():
        assert held.data is before[name].data, name
        assert held.age(walk.now) == pytest.approx(AWAY, abs=0.1), name
        assert held.state is (State.STOPPED if is_login else State.FAILED), name
        if case.name == "404" and name in MISSING:
            assert type(held.error) is errors.NotFound, name
            continue
        assert type(held.error) is case.error, name
        assert case.says in str(held.error), name
        delay = math.inf if is_login else first_delay(case)
        assert held.next_attempt_at - walk.now == pytest.approx(delay, rel=0.05), name
    server.clear()
    walk.client.meet(None)
    if is_login:
        walk.poller.retry()
    walk.wait_for(during)
    walk.now += NOT_FOUND_INTERVAL
    after = walk.ask()
    assert {name: it.state for name, it in after.items()} == dict.fromkeys(QUERIES, State.OK)
    assert {name: it.age(walk.now) for name, it in after.items()} == pytest.approx(
        dict.fromkeys(QUERIES, 0), abs=0.1
    )
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("case", marked(ANSWERS))
def test_whatever_an_answer_holds_is_taken_or_refused_and_kept(
    case: Case, server: FaultyServer, walk: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault(case)
    asked = len(server.requests)
    for name, known in walk.ask().items():
        is_refused = type(known.error) is errors.BadResponse and case.may_be_read
        assert known.state is State.OK or is_refused, name
        assert known.next_attempt_at > walk.now, name
    assert len(server.requests) - asked < 3 * len(QUERIES)
    server.clear()
    walk.now += AWAY
    assert {name: it.state for name, it in walk.ask().items()} == dict.fromkeys(QUERIES, State.OK)
    assert walk.store.problem is None
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("case", KINDS, ids=lambda case: case.name)
@pytest.mark.parametrize("name", ["jobs", pytest.param("health", marks=pytest.mark.long)])
def test_the_longer_a_failure_lasts_the_more_rarely_it_is_asked_for(
    name: str, case: Case, server: FaultyServer, walk: Walk
) -> None:
    server.fault(case)
    walk.client.meet(case)
    delays = []
    for _ in range(6):
        known = walk.ask(name)
        delays.append(known[name].next_attempt_at - walk.now)
        walk.wait_for(known)
    if case.retry_after is None:
        doubling = [FIRST_DELAY * 2**n for n in range(4)]
        assert delays == pytest.approx([INTERVAL, INTERVAL, *doubling], rel=0.05)
    else:
        assert all(delay == pytest.approx(first_delay(case), rel=0.05) for delay in delays)


LONG_TEXTS = Case("texts of 20,000 characters", sending.changed(content.long_texts))


@pytest.mark.long
@pytest.mark.parametrize("case", [BY_NAME["gzip bomb"], LONG_TEXTS], ids=lambda case: case.name)
def test_many_answers_hold_no_more_memory_than_what_is_shown_of_them(
    case: Case, server: FaultyServer, walk: Walk
) -> None:
    server.fault(case)
    walk.ask("jobs")  # what is prepared once is no matter
    tracemalloc.start()
    try:
        for number in range(50):
            walk.now += MAX_DELAY
            walk.poller.read(queries.jobs(offset=number, limit=100), INTERVAL)
            walk.finish()
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(server.requests) >= 50
    assert kept < 32 * 2**20
    assert most < 96 * 2**20
