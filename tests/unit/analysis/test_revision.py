"""A page's revision changes when the page would look different, and not else."""

import math

import pytest

from vpo_monitor.analysis.reader import Reader, ReaderMemory, Revision
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Health, Job, JobPage
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query, Route

BEFORE = JobPage(rows=(Job(id="a", status="running", progress_percent=1.0),), total=1)
AFTER = JobPage(rows=(Job(id="a", status="running", progress_percent=2.0),), total=1)
ENDED = JobPage(rows=(Job(id="a", status="completed"),), total=1)


def around_rows(page: JobPage) -> object:
    return page.total, page.skipped, bool(page.rows)


class World:
    """A page that reads one list, whose answer a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.answer = 1000.0, BEFORE
        self.query: Query[JobPage] = Query(Route.LIST, lambda _client: self.answer)
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

    def reader(self) -> Reader:
        return Reader(self.poller, PollingConfig(), ReaderMemory())

    def revisions(self, answer: JobPage) -> tuple[Revision, Revision]:
        """What the view (all but the rows) and the rows depend on, after this answer."""
        self.answer, self.now = answer, self.now + 10
        drawing = self.reader()
        drawing.read(self.query, part=around_rows)
        view = tuple(drawing.reads)
        drawing.read(self.query)
        rows = tuple(one for one in drawing.reads if one not in view)
        tick = self.reader()
        tick.read_again((*view, *rows))
        return tick.revision(view), tick.revision(rows)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_a_change_in_the_rows_alone_leaves_the_view(world: World) -> None:
    view, rows = world.revisions(BEFORE)
    view_then, rows_then = world.revisions(AFTER)
    assert view_then == view
    assert rows_then != rows


def test_running_times_change_with_each_answer(world: World) -> None:
    assert world.revisions(BEFORE)[1] != world.revisions(BEFORE)[1]


def test_a_list_of_ended_jobs_stays_as_it_is(world: World) -> None:
    assert world.revisions(ENDED) == world.revisions(ENDED)


@pytest.mark.parametrize(
    "other",
    [
        BEFORE.model_copy(update={"total": 2}),
        BEFORE.model_copy(update={"skipped": 1}),
        BEFORE.model_copy(update={"rows": ()}),
    ],
    ids=["another total", "a job that cannot be read", "no rows"],
)
def test_what_is_around_the_rows_changes_the_view(other: JobPage, world: World) -> None:
    assert world.revisions(BEFORE)[0] != world.revisions(other)[0]


def test_what_is_read_again_is_what_was_read(world: World) -> None:
    reader = world.reader()
    reader.read(world.query, 7.0, newer_than=3.0, part=around_rows)
    reader.peek(world.query, math.inf)
    again = world.reader()
    again.read_again(tuple(reader.reads))
    assert tuple(again.reads) == tuple(reader.reads)
    assert len(again.snapshots) == 1
    assert len(again.all_snapshots) == 2
