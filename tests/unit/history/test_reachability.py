"""What is kept of a server that responds, has its database locked, or can't be reached."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vpo_monitor.api import errors
from vpo_monitor.api.models import Health, JobPage, LogLines
from vpo_monitor.history.ingestion import MONITORED_GAP
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Reachability
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries
from vpo_monitor.polling.queries import Query

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
REACHED, LOCKED, UNREACHABLE = (
    Reachability.REACHED,
    Reachability.DATABASE_LOCKED,
    Reachability.UNREACHABLE,
)
HEALTH, LIST, LOG = (
    queries.health(),
    queries.jobs(limit=100),
    queries.log_lines("a", lines=1, offset=0),
)
GAP = MONITORED_GAP.total_seconds()


class World:
    """A tracker whose observations the test makes up, `wait` seconds apart."""

    def __init__(self, path: Path | None = None, *, most_jobs: int = 1000) -> None:
        self.now = START
        self.store = Store(path, utcnow=lambda: self.now)
        self.most_jobs = most_jobs
        self.tracker = self.watch("http://x")

    def watch(self, server: str) -> JobTracker:
        return JobTracker(
            self.store, server, most_jobs=self.most_jobs, days=30, utcnow=lambda: self.now
        )

    def observe(self, query: Query[Any], answer: Any, wait: float = 10.0) -> None:
        self.tracker.ingest(query, answer, 0.0, 0.0)
        self.now += timedelta(seconds=wait)

    def respond(self, *parts: Query[Any], wait: float = 10.0) -> None:
        answers: dict[Query[Any], Any] = {
            HEALTH: Health(status="healthy"),
            LIST: JobPage(rows=(), total=0),
            LOG: LogLines(job_id="a", lines=(), total_lines=0, offset=0, has_more=False),
        }
        for query in parts or (HEALTH, LIST):
            self.observe(query, answers[query], wait)

    def spans(self) -> list[tuple[float, float, Reachability]]:
        return [
            ((one.at - START).total_seconds(), (one.until - START).total_seconds(), one.state)
            for one in self.tracker.reachability(START - timedelta(days=99))
        ]

    def states(self) -> list[Reachability]:
        return [state for _at, _until, state in self.spans()]


@pytest.fixture
def world() -> World:
    return World()


def test_a_state_lasts_until_another_is_observed(world: World) -> None:
    world.respond(HEALTH, LIST)
    world.observe(HEALTH, errors.Unreachable("down"))
    world.observe(HEALTH, errors.Unreachable("down"))
    world.respond(HEALTH, LIST)
    assert world.spans() == [(0, 20, REACHED), (20, 40, UNREACHABLE), (40, 50, REACHED)]


def test_what_was_not_watched_belongs_to_no_span(world: World) -> None:
    world.respond(HEALTH, wait=GAP)
    world.respond(HEALTH, wait=GAP + 1)
    world.respond(HEALTH)
    world.observe(HEALTH, errors.Unreachable("down"), wait=3600)
    world.observe(HEALTH, errors.Unreachable("down"))
    again = 2 * GAP + 1
    assert world.spans() == [
        (0, GAP, REACHED),
        (again, again + 10, REACHED),
        (again + 10, again + 10, UNREACHABLE),
        (again + 3610, again + 3610, UNREACHABLE),
    ]


@pytest.mark.parametrize("failure", [errors.ServerBusy("busy"), errors.TimedOut("late")])
def test_a_database_is_locked_until_a_route_that_needs_it_responds(
    world: World, failure: errors.VpoError
) -> None:
    world.respond()
    world.observe(LIST, failure)
    world.respond(HEALTH, LOG)
    world.observe(LIST, failure)
    world.respond(HEALTH)
    world.respond(LIST)
    assert world.spans() == [(0, 20, REACHED), (20, 70, LOCKED), (70, 70, REACHED)]


def test_a_lock_that_nobody_looks_at_any_more_is_not_taken_to_last(world: World) -> None:
    world.observe(LIST, errors.ServerBusy("busy"))
    for _ in range(20):
        world.respond(HEALTH)
    assert world.spans() == [(0, 0, LOCKED), (160, 200, REACHED)]


@pytest.mark.parametrize(
    "failure",
    [errors.TimedOut("late"), errors.ServerBusy("500"), errors.BadResponse("another program")],
)
def test_a_server_that_fails_everywhere_is_unreachable_all_the_while(
    world: World, failure: errors.VpoError
) -> None:
    world.respond()
    for _ in range(2):
        world.observe(HEALTH, failure)
        world.observe(LIST, failure)
    world.respond(HEALTH)
    assert world.states() == [REACHED, UNREACHABLE, REACHED]


def test_a_server_that_shuts_down_is_unreachable_all_the_while(world: World) -> None:
    world.respond()
    for _ in range(2):
        world.observe(HEALTH, Health(status="unhealthy", shutting_down=True))
        world.observe(LIST, errors.Unavailable("shutting down"))
    world.respond(HEALTH)
    assert world.states() == [REACHED, UNREACHABLE, REACHED]


@pytest.mark.parametrize(
    "query_and_failure",
    [
        (HEALTH, errors.Unavailable("proxy")),
        (LIST, errors.Unavailable("proxy")),
        (LIST, errors.Unreachable("down")),
        (HEALTH, errors.BadResponse("another program")),
        (HEALTH, errors.ServerBusy("500")),
    ],
)
def test_a_server_without_a_response_of_its_own_is_unreachable(
    world: World, query_and_failure: tuple[Query[Any], errors.VpoError]
) -> None:
    world.observe(*query_and_failure)
    assert world.states() == [UNREACHABLE]


@pytest.mark.parametrize(
    "query_and_failure",
    [
        (LIST, errors.Unauthorized("token")),
        (LIST, errors.RateLimited("slow down")),
        (LIST, errors.BadResponse("nonsense")),
        (LIST, errors.NotFound("gone")),
        (LOG, errors.ServerBusy("no log")),
    ],
)
def test_a_server_that_refuses_a_request_is_reached(
    world: World, query_and_failure: tuple[Query[Any], errors.VpoError]
) -> None:
    world.observe(*query_and_failure)
    assert world.states() == [REACHED]


def test_a_slow_log_says_nothing_of_the_server(world: World) -> None:
    world.observe(LOG, errors.TimedOut("late"))
    assert world.states() == []


def test_only_a_change_of_state_redraws_pages(world: World) -> None:
    world.respond()
    before = world.tracker.revision
    world.respond(LOG)
    assert world.tracker.revision == before
    world.observe(HEALTH, errors.Unreachable("down"))
    assert world.tracker.revision == before + 1


def test_spans_survive_a_clock_that_is_set_back(world: World) -> None:
    world.respond()
    world.now -= timedelta(days=1)
    world.respond()
    day = 86_400.0
    assert world.spans() == [(20 - day, 30 - day, REACHED), (0, 10, REACHED)]


def test_states_are_kept_per_server_across_a_restart_and_read_since_a_time(tmp_path: Path) -> None:
    world = World(tmp_path / "history")
    world.respond()
    world.watch("http://other").ingest(HEALTH, errors.Unreachable("down"), 0.0, 0.0)
    world.store.close()
    again = World(tmp_path / "history")
    again.now = START + timedelta(seconds=20)
    again.observe(HEALTH, errors.Unreachable("down"))
    assert again.spans() == [(0, 20, REACHED), (20, 20, UNREACHABLE)]
    assert len(again.tracker.reachability(START + timedelta(seconds=21))) == 0
    assert len(again.watch("http://other").reachability(START)) == 1
    again.store.close()


def _much(world: World) -> None:
    for _ in range(150):
        world.respond(HEALTH, wait=GAP + 1)


def _long(world: World) -> None:
    _much(world)
    world.now += timedelta(days=31)


@pytest.mark.parametrize(("fill", "left"), [(_much, 100), (_long, 0)])
def test_states_are_bounded_in_number_and_age(fill: Callable[[World], None], left: int) -> None:
    world = World(most_jobs=100)
    fill(world)
    world.watch("http://x")  # prunes
    assert len(world.spans()) == left


def test_a_state_that_a_later_version_wrote_is_skipped(world: World) -> None:
    world.respond()
    world.store.write(
        lambda database: database.execute("UPDATE reachability SET state = 'napping'")
    )
    assert world.spans() == []
    world.respond()
    assert world.states() == [REACHED]
