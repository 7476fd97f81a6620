"""Which part of a page is drawn again: what moves in it, or all."""

import math

import pytest

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Health, Job, JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.insight.connection import report
from vpo_monitor.insight.reader import Reader, ReaderMemory
from vpo_monitor.insight.trace import Trace, moving_trace, trace_of
from vpo_monitor.polling import queries
from vpo_monitor.polling.budget import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query, Route

BEFORE = JobPage(rows=(Job(id="a", status="running", progress_percent=1.0),), total=1)
MOVED = JobPage(rows=(Job(id="a", status="running", progress_percent=2.0),), total=1)


class Traces:
    """The traces of a page whose list a test sets; each is of an answer of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.answer = BEFORE
        self.poller = Poller(
            VpoClient(Server("test", "http://127.0.0.1:1")),
            Budget(100),
            now=lambda: self.now,
            start=lambda work: work(),
        )
        healthy: Query[Health] = Query(
            Route.HEALTH, lambda _client: Health(status="healthy", jobs_running=1)
        )
        monkeypatch.setattr(queries, "health", lambda: healthy)

    def of(self, answer: JobPage, *, is_moving: bool = True) -> tuple[Trace | None, Trace]:
        self.answer, self.now = answer, self.now + 10
        polling = PollingConfig()
        reader = Reader(self.poller, polling, ReaderMemory())
        reader.read(Query(Route.LIST, lambda _client: self.answer), is_moving=is_moving)
        again = Reader(self.poller, polling, ReaderMemory())
        again.read_again(tuple(reader.reads))  # as the ticks do
        summary = report(
            again.snapshots, again.health, self.now, polling=True, is_idle=again.is_idle
        )
        return trace_of(again, summary), moving_trace(again)


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Traces:
    return Traces(monkeypatch)


def test_where_rows_move_nothing_else_is_drawn_again(traces: Traces) -> None:
    page, moving = traces.of(BEFORE)
    page_then, moving_then = traces.of(MOVED)
    assert page is not None
    assert page_then == page
    assert moving_then != moving


def test_running_times_move_with_each_answer(traces: Traces) -> None:
    assert traces.of(BEFORE)[1] != traces.of(BEFORE)[1]


def test_a_list_of_ended_jobs_stays_as_it_is(traces: Traces) -> None:
    ended = JobPage(rows=(Job(id="a", status="completed"),), total=1)
    assert traces.of(ended) == traces.of(ended)


@pytest.mark.parametrize(
    "other",
    [
        BEFORE.model_copy(update={"total": 2}),
        BEFORE.model_copy(update={"skipped": 1}),
        BEFORE.model_copy(update={"rows": ()}),
    ],
    ids=["another total", "a job that cannot be read", "no rows"],
)
def test_what_stands_around_the_rows_is_drawn_when_it_changes(
    other: JobPage, traces: Traces
) -> None:
    assert traces.of(BEFORE)[0] != traces.of(other)[0]


def test_what_no_part_draws_alone_is_drawn_with_the_page(traces: Traces) -> None:
    page, moving = traces.of(BEFORE, is_moving=False)
    assert page != traces.of(MOVED, is_moving=False)[0]
    assert moving == ()


def test_what_is_read_again_is_what_was_read(traces: Traces) -> None:
    reader = Reader(traces.poller, PollingConfig(), ReaderMemory())
    query: Query[JobPage] = Query(Route.LIST, lambda _client: BEFORE)
    reader.read(query, 7.0, newer_than=3.0, is_moving=True)
    reader.peek(query, math.inf)
    again = Reader(traces.poller, PollingConfig(), ReaderMemory())
    again.read_again(tuple(reader.reads))
    assert tuple(again.reads) == tuple(reader.reads)
    assert len(again.snapshots) == 1
    assert len(again.all_snapshots) == 2
