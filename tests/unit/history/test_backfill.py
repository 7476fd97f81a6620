"""Details that nobody has open are asked for one after the other, so that failures have reasons."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.scripted_vpo import GARBAGE, ScriptedVpo, detail, job_path
from vpo_monitor.api.errors import BadRequest, NotFound, ServerBusy
from vpo_monitor.api.models import Job, JobPage
from vpo_monitor.history.backfill import backfill
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
JOBS = [f"job-{number}" for number in range(20)]


def without_detail(unreadable: set[str], minutes: int) -> set[str]:
    """The failed jobs whose reason is unknown after so many minutes with one page open."""
    vpo = ScriptedVpo(
        {job_path(name): GARBAGE if name in unreadable else detail(name, "failed") for name in JOBS}
    )
    tracker = JobTracker(
        Store(None), "http://vpo", most_jobs=1000, utcnow=lambda: START + timedelta(seconds=vpo.now)
    )
    rows = tuple(
        Job(id=name, status="failed", completed_at=START - timedelta(minutes=number))
        for number, name in enumerate(JOBS)
    )
    tracker.ingest(queries.jobs(limit=100), JobPage(rows=rows, total=len(rows)), vpo.now, 0.0)
    poller = vpo.poller(on_answer=tracker.ingest)
    for _ in range(60 * minutes):
        vpo.now += 1
        backfill(poller, tracker)
    return {record.id for record in tracker.undetailed()}


def test_every_detail_comes_within_a_minute() -> None:
    assert without_detail(set(), minutes=1) == set()


@pytest.mark.parametrize("unreadable", ["job-0", "job-10", "job-19"])
def test_a_detail_that_never_parses_keeps_no_other_from_coming(unreadable: str) -> None:
    assert without_detail({unreadable}, minutes=2) == {unreadable}


def test_several_details_that_never_parse_keep_no_other_from_coming() -> None:
    unreadable = set(JOBS[:3])
    assert without_detail(unreadable, minutes=10) == unreadable


def test_queued_and_finished_jobs_take_turns() -> None:
    answers = {job_path(name): detail(name, "queued") for name in ("q0", "q1")}
    vpo = ScriptedVpo(answers | {job_path(name): detail(name, "completed") for name in JOBS})
    tracker = JobTracker(
        Store(None), "http://vpo", most_jobs=1000, utcnow=lambda: START + timedelta(seconds=vpo.now)
    )
    for status, names in (("completed", JOBS), ("queued", ["q0", "q1"])):
        ended = START if status == "completed" else None
        rows = tuple(Job(id=name, status=status, completed_at=ended) for name in names)
        page = JobPage(rows=rows, total=len(rows))
        tracker.ingest(queries.jobs(status=status, limit=100), page, vpo.now, 0.0)
    poller = vpo.poller(on_answer=tracker.ingest)
    for _ in range(20):
        vpo.now += 1
        backfill(poller, tracker)
    assert not {"q0", "q1"} & {record.id for record in tracker.undetailed()}


def known_starts(
    minutes: int, *, queued: int = 0, is_locked: Callable[[float], bool] = lambda _second: False
) -> int:
    """Start times known of 120 completed jobs after so many minutes, with a tick every 5 s."""
    vpo = ScriptedVpo()
    tracker = JobTracker(
        Store(None),
        "http://vpo",
        most_jobs=1000,
        utcnow=lambda: START + timedelta(seconds=vpo.now),
    )
    names = [f"job-{number}" for number in range(120)]
    rows = [Job(id=name, status="completed", completed_at=START) for name in names]
    rows += [Job(id=f"queued-{number}", status="queued") for number in range(queued)]
    tracker.ingest(
        queries.jobs(limit=100), JobPage(rows=tuple(rows), total=len(rows)), vpo.now, 0.0
    )
    poller = vpo.poller(on_answer=tracker.ingest)
    for second in range(0, 60 * minutes, 5):
        vpo.now += 5
        for row in rows:
            busy = ServerBusy("database is locked")
            vpo.answers[job_path(row.id)] = (
                busy
                if is_locked(second)
                else detail(row.id, row.status, started_at="2026-11-24T10:30:00+00:00")
            )
        poller.read(queries.job("job-0"), 600.0)  # as a page reads
        backfill(poller, tracker)
    known = [record for record in tracker.records() if record.started_at is not None]
    return sum(record.status == "completed" for record in known)


def test_start_times_come_at_the_pace_of_the_spare_requests_whatever_the_ticks() -> None:
    assert known_starts(2) >= 50
    assert known_starts(5) == 120


def test_a_long_queue_keeps_no_start_times_from_coming() -> None:
    assert known_starts(4, queued=300) >= 50


def test_start_times_come_between_the_jobs_that_lock_the_database() -> None:
    known = [known_starts(minutes, is_locked=lambda second: second % 60 < 50) for minutes in (3, 6)]
    assert known[0] >= 10
    assert known[1] >= 20


SIZED = {"id": 7, "path": "/srv/a.mkv", "size_bytes": 5}


@pytest.mark.parametrize(
    ("answers", "size"),
    [
        ({"/api/library": {"files": [SIZED]}, "/api/library/7": {"file": SIZED}}, 5),
        ({"/api/library": {"files": [{**SIZED, "path": "/srv/b/a.mkv"}]}}, 0),
        ({"/api/library": {"files": []}}, 0),
        ({"/api/library": BadRequest("no such search")}, 0),
        ({"/api/library": {"files": [SIZED]}, "/api/library/7": NotFound("gone")}, 0),
        ({"/api/library": ServerBusy("busy")}, None),
    ],
)
def test_the_size_of_a_running_jobs_file_is_requested_once(
    answers: dict[str, Any], size: int | None
) -> None:
    vpo = ScriptedVpo({**answers, job_path("a"): GARBAGE})
    tracker = JobTracker(Store(None), "http://vpo", most_jobs=10)
    job = Job(id="a", job_type="process", status="running", file_path="/srv/a.mkv")
    tracker.ingest(queries.jobs(status="running"), JobPage(rows=(job,), total=1), vpo.now, 0.0)
    poller = vpo.poller()
    for _ in range(60):
        vpo.now += 1
        backfill(poller, tracker)
    record = tracker.record("a")
    assert record is not None
    assert record.size_bytes == size
    if size is not None:
        assert len(vpo.times("/api/library")) == 1


def test_the_sizes_of_the_next_queued_jobs_are_known_before_they_start() -> None:
    files = [
        {"id": number, "path": f"/srv/{number:02}.mkv", "size_bytes": number}
        for number in range(1, 31)
    ]
    vpo = ScriptedVpo(
        {"/api/library": {"files": files}}
        | {f"/api/library/{file['id']}": {"file": file} for file in files}
    )
    tracker = JobTracker(Store(None), "http://vpo", most_jobs=100)
    rows = tuple(
        Job(
            id=f"job-{file['id']}",
            job_type="process",
            status="queued",
            file_path=str(file["path"]),
            created_at=START + timedelta(seconds=int(str(file["id"]))),
        )
        for file in files
    )
    tracker.ingest(queries.jobs(status="queued"), JobPage(rows=rows, total=30), vpo.now, 0.0)
    poller = vpo.poller()
    for _ in range(300):
        vpo.now += 1
        backfill(poller, tracker)
    sized = {record.id: record.size_bytes for record in tracker.records() if record.size_bytes}
    assert sized == {f"job-{number}": number for number in range(1, 21)}
