"""What is remembered of all answers that pass by."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vpo_monitor.api import errors
from vpo_monitor.api.models import Health, Job, JobDetail, JobPage
from vpo_monitor.history.ingestion import MONITORED_GAP
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Kind, QueueTimes
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
ALL = queries.jobs(limit=100)
RUNNING = queries.jobs(status="running", limit=50)


class World:
    """A tracker of a server whose answers the test makes up, at times that it chooses."""

    def __init__(self, path: Path | None = None, *, most_jobs: int = 1000) -> None:
        self.now = START
        self.clock = 1000.0
        self.path = path
        self.most_jobs = most_jobs
        self.opened: list[Store] = []
        self.tracker = self.restarted()

    def restarted(self) -> JobTracker:
        self.opened.append(Store(self.path, utcnow=lambda: self.now))
        self.tracker = JobTracker(
            self.opened[-1], "http://x", most_jobs=self.most_jobs, utcnow=lambda: self.now
        )
        return self.tracker

    def ingest(self, query: Any, answer: Any, took: float = 0.0) -> None:
        self.tracker.ingest(query, answer, self.clock - took, took)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.clock += seconds

    def look(self, *jobs: Job, query: Any = ALL, total: int | None = None, took: float = 0) -> None:
        page = JobPage(rows=tuple(jobs), total=len(jobs) if total is None else total)
        self.ingest(query, page, took)

    def detail(self, job: JobDetail) -> None:
        self.ingest(queries.job(job.id), job)

    def health(self, **counts: int | None) -> None:
        self.ingest(queries.health(), Health(status="healthy", **counts))

    def kinds(self) -> list[tuple[Kind, str]]:
        return [(change.kind, change.job_id) for change in reversed(self.tracker.changes(100))]

    def close(self) -> None:
        for history in self.opened:
            history.close()


@pytest.fixture
def world() -> World:
    return World()  # which has no file


@pytest.fixture
def kept_world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "history")
    yield world
    world.close()


def job(job_id: str = "a", status: str = "running", **fields: Any) -> Job:
    return Job(id=job_id, status=status, created_at=fields.pop("created_at", START), **fields)


def test_a_jobs_life_is_told_once_however_many_lists_show_it(world: World) -> None:
    world.look()
    world.wait(5)
    life: tuple[tuple[str, dict[str, Any]], ...] = (
        ("queued", {}),
        ("running", {}),
        ("queued", {}),
        ("running", {}),
        ("failed", {"completed_at": START + timedelta(seconds=60)}),
    )
    for status, fields in life:
        for query in (ALL, RUNNING, queries.jobs(search="a")):
            world.look(job(status=status, created_at=START, **fields), query=query)
        world.wait(15)
    assert world.kinds() == [
        (Kind.QUEUED, "a"),
        (Kind.STARTED, "a"),
        (Kind.REQUEUED, "a"),
        (Kind.STARTED, "a"),
        (Kind.FAILED, "a"),
    ]


def test_what_is_there_at_the_first_look_is_no_news(world: World) -> None:
    world.look(job("a"), job("b", "queued"), job("c", "failed"))
    assert world.kinds() == []


def test_an_answer_that_was_overtaken_on_its_way_changes_nothing(world: World) -> None:
    world.look(job())
    world.wait(5)
    world.look(job(status="completed"))
    world.wait(1)
    world.look(job(), took=4.0)
    assert world.tracker.record("a") is not None
    assert world.kinds() == [(Kind.FINISHED, "a")]


def test_a_job_that_left_its_list_is_lost_until_something_tells_of_it(world: World) -> None:
    world.look(job("a"), job("b"), query=RUNNING)
    world.wait(5)
    world.look(job("b"), query=RUNNING)
    assert world.tracker.missing() == ["a"]
    world.ingest(queries.job("a"), errors.NotFound("gone"), 0.0)
    assert world.tracker.missing() == []
    assert world.kinds() == [(Kind.VANISHED, "a")]
    world.look(query=RUNNING)
    world.detail(JobDetail(id="b", status="completed", completed_at=world.now))
    assert world.tracker.missing() == []


@pytest.mark.parametrize(
    ("query", "total"),
    [
        (RUNNING, 2),
        (queries.jobs(status="running", search="x"), 0),
        (queries.jobs(status="running", offset=50), 0),
        (ALL, 0),
    ],
)
def test_only_a_whole_list_says_that_a_job_has_left(world: World, query: Any, total: int) -> None:
    world.look(job("a"), query=RUNNING)
    world.wait(5)
    world.look(query=query, total=total)
    assert world.tracker.missing() == []


def test_an_ended_job_that_the_server_drops_is_no_news(world: World) -> None:
    world.look(job("a", "completed"))
    world.ingest(queries.job("a"), errors.NotFound("gone"), 0.0)
    assert world.tracker.record("a") is None
    assert world.kinds() == []


def test_percents_are_kept_where_they_change(world: World) -> None:
    for percent in (0.0, 0.0, 10.0, 10.0, 12.5, 0.0, None, 3.0):
        world.look(job(progress_percent=percent))
        world.wait(5)
    seen = [(p.percent, (p.at - START).seconds) for p in world.tracker.percents("a")]
    assert seen == [(10.0, 10), (12.5, 20), (0.0, 25), (3.0, 35)]


def test_run_times_are_those_of_completed_jobs_of_the_type_and_policy(world: World) -> None:
    for number, status in enumerate(("completed", "completed", "failed")):
        world.detail(
            JobDetail(
                id=str(number),
                job_type="process",
                status=status,
                policy_name="p",
                created_at=START,
                started_at=START + timedelta(seconds=10),
                completed_at=START + timedelta(seconds=20 + number),
            )
        )
    assert world.tracker.finished_runs("process", "p") == [(10.0, None), (11.0, None)]
    assert world.tracker.finished_runs("process", None) == []


def test_jobs_are_chosen_by_their_end(world: World) -> None:
    ends = {"new": START, "old": START - timedelta(hours=25), "undated": None}
    for name, end in ends.items():
        for status in ("completed", "failed"):
            world.look(job(f"{name} {status}", status, completed_at=end))
    world.look(job("runs"))
    since = START - timedelta(hours=24)
    tracker = world.tracker
    assert [one.id for one in tracker.failed(since)] == ["new failed"]
    assert {one.id for one in tracker.failed(None)} == {f"{name} failed" for name in ends}
    assert tracker.count_finished(since) == Counter(failed=1, completed=1)
    assert tracker.count_finished(None) == Counter(failed=3, completed=3)
    assert {one.id for one in tracker.finished(since)} == {"new failed", "new completed"}
    undated = {"undated failed", "undated completed", "runs"}
    assert {one.id for one in tracker.records(since)} == {"new failed", "new completed"} | undated


def test_queue_times_are_of_the_jobs_that_finished_in_a_period(world: World) -> None:
    def finish(name: str, status: str, waited: float | None, hours_ago: float = 1.0) -> None:
        created = START - timedelta(hours=hours_ago, seconds=1000)
        started = None if waited is None else created + timedelta(seconds=waited)
        ended = START - timedelta(hours=hours_ago)
        times = {"created_at": created, "started_at": started, "completed_at": ended}
        world.detail(JobDetail(id=name, status=status, **times))

    for number in range(1, 11):
        finish(f"{number}", ("completed", "failed", "cancelled")[number % 3], 10.0 * number)
    finish("unknown", "completed", None)
    finish("server's clock was changed", "completed", -5.0)
    finish("earlier", "completed", 500.0, hours_ago=25)
    world.detail(JobDetail(id="runs", status="running", created_at=START, started_at=START))
    day = timedelta(hours=24)
    tracker = world.tracker
    assert tracker.queue_times(START - day) == QueueTimes(10, 55.0, 50.0, 90.0)
    assert tracker.queue_times(START - 2 * day, START - day) == (1, 500.0, 500.0, 500.0)
    assert tracker.queue_times(START) == QueueTimes(0, None, None, None)
    assert tracker.queue_times(None).known == 11
    by_status = Counter(completed=5, failed=4, cancelled=3)
    assert tracker.count_finished(START - day) == by_status
    assert tracker.count_finished(START - 2 * day, START - day) == Counter(completed=1)
    assert tracker.count_finished(None).total() == 13


def test_jobs_without_detail_are_known_newest_first_and_each_status_needs_its_own(
    world: World,
) -> None:
    world.look(job("a"), job("b"))
    world.detail(JobDetail(id="b", status="running"))
    assert [one.id for one in world.tracker.undetailed()] == ["a"]
    world.look(job("b", "completed"))
    assert [one.id for one in world.tracker.undetailed()] == ["b", "a"]
    world.ingest(queries.job("a"), errors.BadRequest("malformed"), 0.0)
    assert [one.id for one in world.tracker.undetailed()] == ["b"]


def test_a_files_size_is_kept_with_its_job_and_asked_for_once(world: World) -> None:
    world.look(job("a"), job("b"))
    world.tracker.add_size("a", 5)
    world.tracker.add_size("b", None)
    record = world.tracker.record("a")
    assert record is not None
    assert record.size_bytes == 5
    assert world.tracker.record("b").size_bytes == 0  # type: ignore[union-attr]


def test_counts_are_kept_where_they_change_and_every_five_minutes(world: World) -> None:
    for running in (0, 0, 1, 1, None):
        world.health(jobs_running=running)
        world.wait(60)
    world.wait(300)
    world.health(jobs_running=None)
    counts = [(one.running, (one.at - START).seconds) for one in world.tracker.counts()]
    assert counts == [(0, 0), (1, 120), (None, 240), (None, 600)]


def test_a_long_time_without_a_look_was_not_watched(world: World) -> None:
    world.look()
    world.wait(60)
    world.look()
    world.wait(MONITORED_GAP.total_seconds() + 1)
    world.look(job("a", "failed", completed_at=world.now))
    gap_ends = world.now
    assert world.tracker.spans() == [(START, START + timedelta(seconds=60)), (gap_ends, gap_ends)]
    assert world.kinds() == []  # nobody knows since when


def test_everything_survives_a_restart(kept_world: World) -> None:
    world = kept_world
    world.look(job("a", progress_percent=10.0), job("b", "queued"))
    world.wait(30)
    world.look(job("a", progress_percent=20.0), job("b"))
    world.health(jobs_running=1)
    before = world.tracker
    after = world.restarted()
    assert after.records() == before.records()
    assert after.percents("a") == before.percents("a")
    assert after.changes(9) == before.changes(9)
    assert after.counts() == before.counts()
    assert after.spans() == before.spans()
    world.wait(300)
    world.look(job("b", "completed", completed_at=START + timedelta(seconds=200)))
    assert world.kinds()[-1] == (Kind.FINISHED, "b")


def test_every_store_is_bounded(tmp_path: Path) -> None:
    world = World(most_jobs=100)
    for number in range(300):
        world.look(job(str(number), progress_percent=1.0))
        world.look(job(str(number), "completed"))
        world.health(jobs_running=number)
    assert 95 <= len(world.tracker.records()) <= 100
    assert len(world.tracker.undetailed()) == len(world.tracker.records())
    world.wait(4000)
    world.look()
    assert 0 < len(world.tracker.changes(1000)) <= 100
    assert world.tracker.store.read("SELECT * FROM percents") == []


def test_a_job_that_came_and_ended_between_two_looks_is_told_though_lists_come_one_by_one(
    world: World,
) -> None:
    failed = queries.jobs(status="failed", limit=20)
    for query in (RUNNING, failed):
        world.look(query=query)
    world.wait(5)
    world.look(query=RUNNING)
    world.wait(0.1)
    end = world.now - timedelta(seconds=4)
    world.look(job("a", "failed", created_at=end, completed_at=end), query=failed)
    assert world.kinds() == [(Kind.FAILED, "a")]


def test_a_look_at_some_jobs_only_does_not_count_as_watching(world: World) -> None:
    world.look()
    for _ in range(10):
        world.wait(60)
        world.look(query=queries.jobs(search="x"))
        world.look(query=queries.jobs(job_type="scan"))
        world.look(query=queries.jobs(status="failed"))
        world.look(query=queries.jobs(offset=50))
    assert world.tracker.spans() == [(START, START)]


def test_a_clock_that_is_set_back_changes_nothing(world: World) -> None:
    world.look(job("a", "queued"))
    world.now -= timedelta(minutes=10)
    world.clock += 5
    world.look(job("a"))
    assert world.kinds() == [(Kind.STARTED, "a")]


def test_an_overtaken_percent_does_not_fall(world: World) -> None:
    world.look(job(progress_percent=49.0))
    world.wait(5)
    world.look(job(progress_percent=50.0))
    world.look(job(progress_percent=49.0), took=4.0)
    assert [p.percent for p in world.tracker.percents("a")] == [49.0, 50.0]


def test_percents_of_an_earlier_life_count_no_more(world: World) -> None:
    for status, percent in (("running", 50.0), ("queued", 0.0), ("running", None)):
        world.look(job(status=status, progress_percent=percent))
        world.wait(5)
    assert world.tracker.percents("a") == []


def test_a_job_that_ended_again_unseen_is_told_and_its_detail_wanted_anew(world: World) -> None:
    ends = [START + timedelta(seconds=60 * number) for number in range(2)]
    world.look(job(status="failed", completed_at=ends[0]))
    world.detail(JobDetail(id="a", status="failed", completed_at=ends[0], error_message="old"))
    world.wait(90)
    world.look(job(status="failed", completed_at=ends[1]))
    record = world.tracker.record("a")
    assert record is not None
    assert (record.error, record.has_detail) == (None, False)
    assert [change.at for change in world.tracker.changes(9)] == [ends[1]]


def test_a_start_is_told_at_the_jobs_own_time_once_it_is_known(world: World) -> None:
    world.look(job(status="queued"))
    world.wait(58)
    world.look(job(status="running"))
    (noticed,) = world.tracker.changes(9)
    assert (noticed.kind, noticed.at) == (Kind.STARTED, world.now)
    world.wait(1)
    world.detail(JobDetail(id="a", status="running", started_at=START + timedelta(seconds=3)))
    assert world.tracker.changes(9)[0].at == START + timedelta(seconds=3)


def test_a_later_start_does_not_move_an_earlier_one(world: World) -> None:
    seen = []
    for status in ("queued", "running", "queued", "running"):
        world.look(job(status=status))
        seen.append(world.now)
        world.wait(20)
    world.detail(JobDetail(id="a", status="running", started_at=seen[3] - timedelta(seconds=9)))
    starts = [one.at for one in world.tracker.changes(9) if one.kind is Kind.STARTED]
    assert starts == [seen[3] - timedelta(seconds=9), seen[1]]


def test_details_that_arrive_change_the_coarse_revision_every_15_s_and_progress_never(
    world: World,
) -> None:
    jobs = [job(str(number), "completed", completed_at=START) for number in range(9)]
    world.look(job("runs"), *jobs)
    world.wait(15)
    seen = [world.tracker.coarse_revision()]
    for number in range(5):
        world.detail(JobDetail(id=str(number), status="completed", completed_at=START))
        world.wait(3)
        seen.append(world.tracker.coarse_revision())
    assert len(set(seen)) == 2
    world.wait(15)
    last = world.tracker.coarse_revision()
    for percent in (1.0, 2.0, 3.0):
        world.look(job("runs", progress_percent=percent))
        world.wait(15)
        assert world.tracker.coarse_revision() == last


def test_a_refused_id_is_asked_for_no_more(world: World) -> None:
    world.look(job("x"), query=RUNNING)
    world.wait(5)
    world.look(query=RUNNING)
    world.ingest(queries.job("x"), errors.BadRequest("malformed"))
    assert (world.tracker.missing(), world.tracker.undetailed()) == ([], [])


def test_the_newest_jobs_and_those_that_run_are_kept(tmp_path: Path) -> None:
    world = World(most_jobs=100)
    ended = [
        job(str(n), "completed", completed_at=START - timedelta(minutes=n)) for n in range(150)
    ]
    world.look(job("runs", created_at=START - timedelta(days=3)), *ended)
    kept = {record.id for record in world.tracker.records()}
    assert "runs" in kept
    assert {str(n) for n in range(90)} <= kept
    assert len(kept & {str(n) for n in range(100, 150)}) <= 5  # until room is made again


def test_what_ran_when_the_app_was_stopped_is_looked_for(kept_world: World) -> None:
    world = kept_world
    world.look(job("a"), job("b", "completed"))
    assert world.restarted().missing() == ["a"]


def test_memory_forgets_what_is_too_old(world: World) -> None:
    world.look(job("a", "completed", completed_at=START))
    world.look(job("b", "failed", completed_at=START))
    world.health(jobs_running=1)
    world.wait(31 * 86400)
    world.look()
    assert world.tracker.records() == []
    assert world.tracker.changes(9) == []
    assert world.tracker.counts() == []
    assert len(world.tracker.spans()) == 1


def test_its_clock_is_the_servers() -> None:
    tracker = JobTracker(
        Store(None), "http://x", most_jobs=100, ahead=lambda: -600.0, utcnow=lambda: START
    )
    tracker.ingest(ALL, JobPage(rows=(), total=0), 0.0, 0.0)
    ended = START - timedelta(seconds=600)
    tracker.ingest(ALL, JobPage(rows=(job("a", "failed", completed_at=ended),), total=1), 1.0, 0.0)
    assert tracker.changes(1)[0].at == ended


def test_the_share_of_a_period_that_was_monitored_counts_what_overlaps(world: World) -> None:
    for seconds in (0, 30, 30, 600, 30):
        world.wait(seconds)
        world.look()
    # Monitored for 60 s, and for 30 s after a gap.
    minute = timedelta(seconds=60)
    assert world.tracker.monitored_share(START, START + minute) == 1.0
    assert world.tracker.monitored_share(START - minute, START + minute) == 0.5
    assert world.tracker.monitored_share(START, world.now) == pytest.approx(90 / 690)
    assert world.tracker.monitored_share(START - minute, START) == 0.0
