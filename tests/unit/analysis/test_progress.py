"""A job's times and percent, as far as they are known."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.frames import jobs_frame, progress_label
from vpo_monitor.analysis.progress import counted, percent, queue_wait, run_time, since_creation
from vpo_monitor.api.models import Job, JobDetail

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "reported", "measured", "label"),
    [
        ("running", 0.0, None, "not reported"),
        ("running", None, None, "not reported"),
        ("running", 0.4, 0.4, "0 %"),
        ("running", 37.4, 37.4, "37 %"),
        ("running", -3.0, 0.0, "0 %"),
        ("running", 99.6, 99.6, "99 %"),
        ("running", 100.0, 100.0, "99 %"),
        ("running", 130.0, 100.0, "99 %"),
        ("queued", 0.0, None, "–"),
        ("completed", 100.0, None, "done"),
        ("failed", 100.0, None, "–"),
        ("cancelled", 100.0, None, "–"),
    ],
)
def test_progress_is_never_more_than_was_said(
    status: str, reported: float | None, measured: float | None, label: str
) -> None:
    job = Job(id="a", status=status, progress_percent=reported)
    assert percent(job) == measured
    assert progress_label(job) == label


def test_a_running_job_never_says_100_percent() -> None:
    job = Job(id="a", status="running", progress_percent=99.6)
    assert jobs_frame([job], NOW)["progress"].tolist() == [0.99]


def _ago(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOW - timedelta(seconds=seconds)


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


@pytest.mark.parametrize(
    ("status", "created", "started", "completed", "wait", "run", "total"),
    [
        ("queued", 60, None, None, 60, None, 60),
        ("running", 60, 20, None, 40, 20, 60),
        ("completed", 60, 20, 5, 40, 15, 55),
        # What VPO did not say stays unknown, whatever else it said.
        ("completed", 60, None, None, None, None, None),
        ("failed", 60, 20, None, 40, None, None),
        ("running", 60, None, None, None, None, 60),
        ("running", None, 20, None, None, 20, None),
        ("completed", None, None, 5, None, None, None),
        # No time is negative, also if the server's clock was set back.
        ("running", -3, -2, None, 0, 0, 0),
        ("completed", 10, 20, 30, 0, 0, 0),
    ],
)
def test_wait_run_time_and_total_time_are_apart(
    *,
    status: str,
    created: float | None,
    started: float | None,
    completed: float | None,
    wait: float | None,
    run: float | None,
    total: float | None,
) -> None:
    job = JobDetail(
        id="a",
        status=status,
        created_at=_ago(created),
        started_at=_ago(started),
        completed_at=_ago(completed),
    )
    times = (queue_wait(job, NOW), run_time(job, NOW), since_creation(job, NOW))
    assert tuple(map(_seconds, times)) == (wait, run, total)


@pytest.mark.parametrize(
    ("summary", "counts"),
    [
        ({"scanned": 3, "total_discovered": 8}, (3, 8)),
        ({"processed": 0, "total": 1}, (0, 1)),
        ({"done": 8, "total": 8}, (8, 8)),
        ({"scanned": 3, "total": 8}, None),
        ({"done": 9, "total": 8}, None),
        ({"done": -1, "total": 8}, None),
        ({"done": 0, "total": 0}, None),
        ({"done": 1, "total": True}, None),
        ({"done": "3", "total": 8}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_summary_that_counts_says_how_many_of_how_many(
    summary: dict[str, object] | None, counts: tuple[int, int] | None
) -> None:
    assert counted(summary) == counts
