"""What is thought of running jobs, the queue and what happened."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bench.estimates import SIX_TRANSCODES
from tests.unit.scripted_vpo import HEALTH, NO_JOBS, ScriptedVpo
from vpo_monitor.analysis import progress
from vpo_monitor.analysis.activity import Unwatched, activity, an_hour_ago, change_words
from vpo_monitor.analysis.estimates import estimate_text
from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.estimates.estimate_text import visible_estimate
from vpo_monitor.analysis.estimates.problems import ProblemKind
from vpo_monitor.analysis.estimates.queue import sort_queue
from vpo_monitor.analysis.estimates.running_job import (
    EstimateInputs,
    RunningJob,
    running_job,
    speeds,
)
from vpo_monitor.analysis.overview import read_overview
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.api.models import Job, JobDetail, JobPage, ProcessedFile
from vpo_monitor.config import PollingConfig
from vpo_monitor.history.backfill import without_detail, without_size
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import COUNTS_GOOD_FOR, Change, Counts, Kind, Percent
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATH = "/srv/a.mkv"


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.fixture
def tracker() -> JobTracker:
    return JobTracker(Store(None), "http://x", most_jobs=1000, utcnow=lambda: NOW)


def show(tracker: JobTracker, *jobs: Job, **arguments: Any) -> None:
    """Let the tracker ingest a list."""
    tracker.ingest(queries.jobs(**arguments), JobPage(rows=jobs, total=len(jobs)), 0.0, 0.0)


def detail(tracker: JobTracker, job_id: str = "a", status: str = "running", **fields: Any) -> None:
    """Let the tracker ingest a job's detail."""
    given = {"job_type": "process", "policy_name": "p", "file_path": PATH, **fields}
    tracker.ingest(queries.job(job_id), JobDetail(id=job_id, status=status, **given), 0.0, 0.0)


def think(
    tracker: JobTracker,
    percent: float = 0.0,
    files: tuple[ProcessedFile, ...] = (),
    at: datetime = NOW,
) -> RunningJob:
    job = Job(
        id="a", job_type="process", status="running", file_path=PATH, progress_percent=percent
    )
    inputs = EstimateInputs(files, timedelta(), stalled_after=timedelta(minutes=5))
    return running_job(job, tracker, inputs, at)


def finished(tracker: JobTracker, seconds: list[float], policy: str = "p") -> None:
    for number, took in enumerate(seconds):
        detail(
            tracker,
            f"{policy} {number}",
            "completed",
            policy_name=policy,
            started_at=ago(took),
            completed_at=NOW,
        )


PROCESSED = tuple(
    ProcessedFile(policy_name="p", size_before=10**9, duration_seconds=seconds, success=True)
    for seconds in (90.0, 100.0, 110.0, 100.0)
)


def test_the_pace_of_the_policy_times_the_size_of_the_file_goes_before_similar_jobs(
    tracker: JobTracker,
) -> None:
    detail(tracker, started_at=ago(100))
    finished(tracker, [1000.0, 1100.0, 900.0])
    similar = think(tracker, files=PROCESSED)
    assert similar.remaining is not None
    assert 700 < similar.remaining.middle < 1000
    assert similar.similar.basis == "from 3 similar jobs"
    tracker.add_size("a", 5 * 10**9)
    scaled = think(tracker, files=PROCESSED)
    assert scaled.remaining is not None
    assert 350 < scaled.remaining.middle < 450
    assert scaled.similar.basis == "from its file size and 4 files with this policy"


def test_the_pace_of_similar_jobs_with_a_known_size_serves_where_vpo_has_no_statistics(
    tracker: JobTracker,
) -> None:
    finished(tracker, [4.9, 6.3, 7.7, 500.0])
    for number, size in enumerate((10**6, 2 * 10**6, 4 * 10**6)):
        tracker.add_size(f"p {number}", size)
    detail(tracker, started_at=ago(1))
    tracker.add_size("a", 2 * 10**6)
    scaled = think(tracker)
    assert scaled.remaining is not None
    assert scaled.similar.basis == "from its file size and 3 similar jobs"
    assert 4 < scaled.remaining.middle < 7


def test_the_fourth_of_six_transcodes_is_estimated_from_the_sizes_of_the_first_three(
    tracker: JobTracker,
) -> None:
    files = tuple(
        ProcessedFile(
            policy_name="p", size_before=int(size * 1e6), duration_seconds=seconds, success=True
        )
        for size, seconds in SIX_TRANSCODES[:3]
    )
    detail(tracker, started_at=ago(13))
    tracker.add_size("a", 9_100_000)
    fourth = think(tracker, files=files)
    assert fourth.remaining is not None
    assert fourth.remaining.middle == pytest.approx(24, abs=1)
    assert fourth.remaining.low < 28 < fourth.remaining.high


def test_before_anything_was_watched_the_files_of_the_policy_are_the_ground(
    tracker: JobTracker,
) -> None:
    detail(tracker, started_at=ago(40))
    known = think(tracker, files=PROCESSED)
    assert known.remaining is not None
    assert 40 < known.remaining.middle < 80
    assert known.similar.basis == "from 4 files with this policy"
    assert think(tracker, files=PROCESSED[:2]).remaining is None
    detail(tracker, job_type="move", started_at=ago(40))
    assert think(tracker, files=PROCESSED).remaining is None


def test_jobs_of_the_type_are_the_last_ground(tracker: JobTracker) -> None:
    detail(tracker, started_at=ago(10))
    finished(tracker, [30.0, 40.0], "other")
    assert think(tracker).remaining is None
    assert think(tracker).usual is None
    finished(tracker, [35.0], "third")
    known = think(tracker)
    assert known.similar.basis == "from 3 jobs of this type"
    assert known.usual is not None
    assert known.kind is progress.Progress.NOT_REPORTED


def test_a_silent_job_looks_different_as_time_passes(tracker: JobTracker) -> None:
    detail(tracker, started_at=ago(10))
    finished(tracker, [300.0, 310.0, 290.0])
    looks = [
        visible_estimate(think(tracker, at=NOW + timedelta(seconds=s))) for s in (0, 1, 200, 400)
    ]
    assert looks[0] == looks[1]
    assert looks[1] != looks[2] != looks[3]
    assert "Running longer than" in str(looks[3])


def test_past_every_similar_job_nothing_is_said_of_the_rest(tracker: JobTracker) -> None:
    finished(tracker, [10.0, 14.0, 20.0, 25.0, 30.0])
    detail(tracker, started_at=ago(29))
    assert think(tracker).remaining is not None
    detail(tracker, started_at=ago(53))
    late = think(tracker)
    assert late.remaining is None
    assert late.problem is not None
    assert late.problem.kind is ProblemKind.LONG
    assert estimate_text.basis_text(late).startswith("Usually takes 10 to ")


def test_without_a_start_nothing_is_said_of_the_rest_but_what_such_jobs_take(
    tracker: JobTracker,
) -> None:
    finished(tracker, [30.0, 40.0, 35.0])
    show(tracker, Job(id="a", job_type="process", status="running", file_path=PATH))
    known = think(tracker)
    assert (known.elapsed, known.remaining) == (None, None)


def test_a_moving_percent_speaks_for_itself_and_its_speed_is_drawn() -> None:
    now = [NOW]
    tracker = JobTracker(Store(None), "http://x", most_jobs=1000, utcnow=lambda: now[0])
    for second in range(-100, 1, 5):
        now[0] = NOW + timedelta(seconds=second)
        detail(tracker, started_at=ago(200), progress_percent=50 + second / 10)
    known = think(tracker, percent=50.0)
    assert known.remaining is not None
    assert known.remaining.basis == "from current progress"
    assert known.remaining.low < 500 < known.remaining.high
    assert known.speeds[-1] == pytest.approx(6.0, rel=0.2)
    assert known.elapsed == 200


def test_what_is_suspected_stands_with_the_job(tracker: JobTracker) -> None:
    detail(tracker, started_at=ago(100))
    finished(tracker, [30.0, 40.0, 35.0])
    known = think(tracker)
    assert known.problem is not None
    assert known.problem.kind is ProblemKind.LONG


def test_speeds_are_over_equal_times_and_a_rest_is_no_speed() -> None:
    seen = [Percent(ago(120), "a", 10.0), Percent(ago(60), "a", 20.0)]
    assert speeds(seen[:1], NOW) == ()
    drawn = speeds(seen, NOW)
    assert drawn[:12] == (10.0,) * 12
    assert drawn[12:] == (0.0,) * 12


@pytest.mark.parametrize(
    ("summary", "counted"),
    [
        ({"scanned": 3, "total_discovered": 9}, (3, 9)),
        ({"processed": 0, "total": 4}, (0, 4)),
        ({"scanned": 9, "total_discovered": 3}, None),
        ({"scanned": "3", "total_discovered": 9}, None),
        ({"scanned": 3}, None),
        ({"processed": 0, "total": 0}, None),
        (None, None),
    ],
)
def test_a_summary_that_counts_is_read(
    summary: dict[str, Any] | None, counted: tuple[int, int] | None
) -> None:
    assert progress.counted(summary) == counted


def test_the_queue_is_worked_through_by_priority_and_then_by_age(tracker: JobTracker) -> None:
    jobs = [
        Job(id=name, status="queued", created_at=ago(number)) for number, name in enumerate("abcd")
    ]
    detail(tracker, "a", "queued", priority=1)
    detail(tracker, "b", "queued", priority=500)
    assert [(one.job.id, one.priority) for one in sort_queue(jobs, tracker)] == [
        ("a", 1),
        ("d", None),
        ("c", None),
        ("b", 500),
    ]


def test_what_is_asked_for_beside_the_page_comes_in_order(tracker: JobTracker) -> None:
    show(tracker, Job(id="lost", status="running"), status="running")
    show(
        tracker,
        Job(id="done", status="completed"),
        Job(id="failed", status="failed", completed_at=ago(60)),
        Job(id="failed before", status="failed", completed_at=ago(600)),
        Job(id="queued", status="queued"),
    )
    show(
        tracker,
        Job(id="a", job_type="process", status="running", file_path=PATH),
        Job(id="scan", job_type="scan", status="running", file_path="/srv"),
        status="running",
    )
    jobs = ["lost", "scan", "a", "failed", "failed before", "queued", "done"]
    assert without_detail(tracker) == jobs
    assert [record.id for record in without_size(tracker.running())] == ["a"]
    detail(tracker, "a")
    tracker.add_size("a", None)
    assert "a" not in without_detail(tracker)
    assert without_detail(tracker)[-2:] == ["done", "queued"]  # they take turns
    assert without_size(tracker.running()) == []


def test_times_in_which_nobody_watched_stand_between_what_happened() -> None:
    changes = [Change(ago(seconds), Kind.FINISHED, "a", "move", PATH) for seconds in (10, 500)]
    spans = [(ago(9000), ago(8000)), (ago(600), ago(450)), (ago(100), ago(0))]
    shown = activity(changes, spans, 10)
    assert shown == [changes[0], Unwatched(ago(450), ago(100)), changes[1]]
    assert activity(changes, spans, 1) == [changes[0]]
    assert activity([], spans, 10) == []


def test_a_change_of_counts_is_told_only_where_it_was_watched() -> None:
    counts = [Counts(ago(seconds), 1, 2, 3, 4) for seconds in (3900, 3000, 10)]
    assert an_hour_ago(counts, NOW, COUNTS_GOOD_FOR) == counts[0]
    assert an_hour_ago(counts[1:], NOW, COUNTS_GOOD_FOR) is None
    rare = [Counts(ago(9000), 1, 2, 3, 4)]
    assert an_hour_ago(rare, NOW, COUNTS_GOOD_FOR) is None
    assert an_hour_ago(rare, NOW, timedelta(hours=2)) == rare[0]
    assert change_words(1, 3) == "+2 (1 h)"
    assert change_words(3, 1) == "−2 (1 h)"
    assert change_words(3, 3) == "no change (1 h)"
    assert change_words(None, 3) == change_words(3, None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (44, "40 s"),
        (100, "2 min"),
        (9 * 60, "9 min"),
        (13 * 60, "15 min"),
        (58 * 60, "1 h"),
        (80 * 60, "1 h 20 min"),
        (5 * 3600, "5 h"),
        (3 * 86400, "3 d"),
        (1e20, "over 10 years"),
    ],
)
def test_an_estimate_is_rounded_as_far_as_it_is_sure(seconds: float, words: str) -> None:
    assert estimate_text.rounded_duration(seconds) == words


def test_an_estimate_is_told_with_its_range_and_the_viewers_time() -> None:
    estimate = Estimate(8 * 60, 12 * 60, 21 * 60, "")
    berlin = ZoneInfo("Europe/Berlin")
    assert estimate_text.remaining_text(estimate) == "about 10 min"
    assert estimate_text.remaining_range(estimate) == "8 to 20 min"
    assert estimate_text.eta_text(estimate, NOW, berlin) == "about 13:12"
    assert estimate_text.eta_range(estimate, NOW, berlin) == "13:08 to 13:21"
    soon = Estimate(0, 3, 40, "")
    assert (estimate_text.remaining_text(soon), estimate_text.remaining_range(soon)) == (
        "a few seconds",
        "up to 40 s",
    )
    night = Estimate(11 * 3600, 13 * 3600, 10**9, "")
    assert estimate_text.eta_text(night, NOW, berlin) == "about Wed 02:00"
    assert estimate_text.eta_range(night, NOW, berlin) == "Wed 00:00 to 2058-08-02"
    assert estimate_text.eta_text(Estimate(0, 1e300, 1e300, ""), NOW, UTC) == "years away"


@pytest.mark.parametrize(
    "after",
    [
        {"jobs_running": 0},
        {"jobs_running": 1, "jobs_queued": 4},  # the worker has taken the next one
    ],
)
def test_statistics_are_read_again_when_a_job_may_have_finished(
    tracker: JobTracker, after: dict[str, int]
) -> None:
    vpo = ScriptedVpo(
        {
            "/health": HEALTH | {"jobs_queued": 5},
            "/api/jobs": NO_JOBS,
            "/api/stats/summary": {"total_files_processed": 0},
            "/api/stats/recent": [],
            "/api/plans": {"plans": [], "total": 0},
        }
    )
    poller, memory = vpo.poller(), ReaderMemory()

    def tick(seconds: int) -> int | None:
        for _ in range(seconds):
            vpo.now += 1
            shown = read_overview(Reader(poller, PollingConfig(), memory), tracker, 300.0)
        return None if shown.summary is None else shown.summary.total_files_processed

    assert tick(60) == 0
    vpo.answers["/health"] = HEALTH | {"jobs_queued": 5} | after
    vpo.answers["/api/stats/summary"] = {"total_files_processed": 1}
    assert tick(6) == 1
    assert len(vpo.times("/api/stats/recent")) == 2
    tick(60)
    assert len(vpo.times("/api/stats/summary")) == len(vpo.times("/api/stats/recent")) == 2


def test_the_processed_files_are_read_once_a_minute_however_many_jobs_finish(
    tracker: JobTracker,
) -> None:
    vpo = ScriptedVpo(
        {
            "/health": HEALTH,
            "/api/jobs": NO_JOBS,
            "/api/stats/summary": {"total_files_processed": 0},
            "/api/stats/recent": [],
            "/api/plans": {"plans": [], "total": 0},
        }
    )
    poller, memory = vpo.poller(), ReaderMemory()
    for second in range(180):
        vpo.now += 1
        vpo.answers["/health"] = HEALTH | {"jobs_queued": 500 - second}
        read_overview(Reader(poller, PollingConfig(), memory), tracker, 300.0)
    assert 3 <= len(vpo.times("/api/stats/recent")) <= 4
