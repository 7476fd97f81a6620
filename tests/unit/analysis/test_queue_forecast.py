"""What is said of the queue: order, expected times, and what they assume."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.estimates.queue_starts import MAX_JOBS
from vpo_monitor.analysis.estimates.running_job import EstimateInputs, RunningJob, running_job
from vpo_monitor.analysis.queue_forecast import QueueForecast, forecast_queue
from vpo_monitor.api.models import Health, Job, JobDetail, JobPage, ProcessedFile
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GIGABYTE = 10**9
FILES = tuple(
    ProcessedFile(policy_name="p", size_before=GIGABYTE, duration_seconds=seconds, success=True)
    for seconds in (90.0, 100.0, 110.0, 100.0)
)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


class World:
    """A tracker, and the queue as it was last listed."""

    def __init__(self) -> None:
        self.clock = NOW
        self.tracker = JobTracker(
            Store(None), "http://x", most_jobs=1000, utcnow=lambda: self.clock
        )
        self.queued: list[Job] = []
        self.total: int | None = None
        self.files: Sequence[ProcessedFile] = FILES
        self.running: list[RunningJob] = []

    def queue(
        self,
        job_id: str,
        *,
        size: float | None = 1.0,
        detail: bool = True,
        policy: str | None = "p",
        job_type: str = "process",
        priority: int = 100,
    ) -> None:
        """Add a job to the queue: its size in gigabytes, and its detail if that is known."""
        job = Job(
            id=job_id,
            job_type=job_type,
            status="queued",
            file_path=f"/srv/{job_id}",
            created_at=ago(1000 - len(self.queued)),
        )
        self.queued.append(job)
        self._list("queued", self.queued)
        if detail:
            known = JobDetail(**vars(job), policy_name=policy, priority=priority)
            self.tracker.ingest(queries.job(job_id), known, 0.0, 0.0)
        if size is not None:
            self.tracker.add_size(job_id, round(size * GIGABYTE))

    def run(self, job_id: str, elapsed: float | None = 50.0, size: float = 1.0) -> None:
        """Have a job run, for so many seconds if its start is known."""
        job = Job(id=job_id, job_type="process", status="running", file_path=f"/srv/{job_id}")
        self._list("running", [*(one.job for one in self.running), job])
        if elapsed is not None:
            known = JobDetail(**vars(job), policy_name="p", started_at=ago(elapsed))
            self.tracker.ingest(queries.job(job_id), known, 0.0, 0.0)
        self.tracker.add_size(job_id, round(size * GIGABYTE))
        self.running.append(running_job(job, self.tracker, self._inputs(), NOW))

    def count(self, running: int, workers: int, at: datetime = NOW) -> None:
        """Report the health's counts."""
        self.clock = at
        health = Health(
            status="healthy",
            jobs_running=running,
            jobs_queued=len(self.queued),
            active_workers=workers,
        )
        self.tracker.ingest(queries.health(), health, 0.0, 0.0)

    def forecast(self) -> QueueForecast:
        """What the app makes of it."""
        total = len(self.queued) if self.total is None else self.total
        queued = JobPage(rows=tuple(self.queued), total=total)
        return forecast_queue(
            self.tracker, self.running, queued, self._inputs(), NOW, fetched_at=(1.0, 1.0)
        )

    def _inputs(self) -> EstimateInputs:
        return EstimateInputs(self.files, timedelta(), timedelta(minutes=5))

    def _list(self, status: str, jobs: Sequence[Job]) -> None:
        page = JobPage(rows=tuple(jobs), total=len(jobs))
        self.tracker.ingest(queries.jobs(status=status), page, 0.0, 0.0)


@pytest.fixture
def world() -> World:
    return World()


def test_jobs_start_in_vpos_order_after_those_ahead(world: World) -> None:
    world.run("r", elapsed=50)
    world.queue("first come")
    world.queue("urgent", priority=10)
    forecast = world.forecast()
    assert [one.job.id for one in forecast.jobs] == ["urgent", "first come"]
    assert (forecast.place("urgent"), forecast.place("first come")) == (1, 2)
    assert forecast.expected["urgent"].start.middle == pytest.approx(50, abs=10)
    assert forecast.expected["first come"].start.middle == pytest.approx(150, abs=20)


def test_the_size_of_each_file_counts(world: World) -> None:
    world.run("r", elapsed=50)
    world.queue("large", size=10)
    world.queue("small", size=0.1)
    expected = world.forecast().expected
    large, small = expected["large"].end, expected["small"].end
    assert large is not None
    assert small is not None
    assert large.middle == pytest.approx(1050, rel=0.1)
    assert small.middle - expected["small"].start.middle == pytest.approx(10, abs=5)


def test_unknown_sizes_and_policies_widen_the_range_and_are_said(world: World) -> None:
    other = ProcessedFile(
        policy_name="q", size_before=GIGABYTE, duration_seconds=900.0, success=True
    )
    world.files = (*FILES, *[other] * 4)
    world.run("r", elapsed=50)
    world.queue("known")
    world.queue("unknown", detail=False)
    world.queue("last")
    forecast = world.forecast()
    known, unknown = (forecast.expected[name].end for name in ("known", "unknown"))
    assert known is not None
    assert unknown is not None
    assert unknown.high - unknown.low > 3 * (known.high - known.low)
    assert forecast.assumptions("known") == (
        "Assumes 1 worker, and no new jobs that go first. "
        "Priority unknown for 1 job: sorted as normal."
    )
    assert "Wider range: size or policy unknown for 1 job." in forecast.assumptions("last")


def test_a_kind_of_job_that_was_never_seen_may_take_ten_times_as_long(world: World) -> None:
    world.queue("prune", job_type="prune", policy=None, size=None)
    world.queue("next")
    expected = world.forecast().expected
    assert expected["next"].start.low < 20
    assert expected["next"].start.high > 500


def test_without_any_finished_job_nothing_is_claimed(world: World) -> None:
    world.files = ()
    world.run("r", elapsed=50)
    world.queue("a")
    world.queue("b")
    forecast = world.forecast()
    assert forecast.expected["a"].end is None
    assert "b" not in forecast.expected
    assert forecast.why_unknown("b") == "not enough similar jobs"


def test_without_a_worker_nothing_starts(world: World) -> None:
    world.queue("a")
    world.count(running=0, workers=0, at=ago(40))
    world.count(running=0, workers=0, at=NOW)
    forecast = world.forecast()
    assert not forecast.expected
    assert forecast.why_unknown("a") == "no active workers"


def test_the_starts_of_the_running_jobs_must_be_known(world: World) -> None:
    world.run("r", elapsed=None)
    world.queue("a")
    forecast = world.forecast()
    assert not forecast.expected
    assert forecast.why_unknown("a") == "start times of running jobs unknown"


def test_two_workers_that_were_seen_take_two_jobs_at_once(world: World) -> None:
    world.run("r", elapsed=50)
    world.queue("a")
    world.count(running=2, workers=2, at=ago(60))
    world.count(running=1, workers=1)
    forecast = world.forecast()
    assert forecast.workers == 2
    assert forecast.expected["a"].start.high == 0


def test_only_the_next_jobs_are_estimated_and_all_listed_have_a_place(world: World) -> None:
    for number in range(MAX_JOBS + 2):
        world.queue(f"job {number}")
    world.total = 250
    forecast = world.forecast()
    assert len(forecast.expected) == MAX_JOBS
    assert forecast.place(f"job {MAX_JOBS + 1}") == MAX_JOBS + 2
    assert forecast.why_unknown(f"job {MAX_JOBS}") == "only for the next 20 jobs"
    assert forecast.place("of no list") is None
    assert forecast.order_notes() == f"Order covers the oldest {MAX_JOBS + 2} jobs only."


def test_all_viewers_share_one_forecast_until_something_is_new(world: World) -> None:
    world.run("r", elapsed=50)
    world.queue("a")
    first = world.forecast()
    assert world.forecast() is first
    world.queue("b")
    assert world.forecast().place("b") == 2
