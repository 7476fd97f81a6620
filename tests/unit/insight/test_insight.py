from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.api.models import Job, JobDetail
from vpo_monitor.insight import progress
from vpo_monitor.insight.frames import jobs_frame, progress_label, status_label
from vpo_monitor.insight.job_filter import JobFilter, from_query_string
from vpo_monitor.insight.wording import duration, file_name

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "percent", "label"),
    [
        ("running", 0.0, "not reported"),
        ("running", None, "not reported"),
        ("running", 37.4, "37 %"),
        ("running", 130.0, "100 %"),
        ("queued", 0.0, "–"),
        ("completed", 100.0, "done"),
        ("failed", 100.0, "–"),
        ("cancelled", 100.0, "–"),
    ],
)
def test_progress_is_never_more_than_was_said(
    status: str, percent: float | None, label: str
) -> None:
    assert progress_label(Job(id="a", status=status, progress_percent=percent)) == label


def test_wait_and_run_time_are_apart() -> None:
    job = JobDetail(
        id="a",
        status="running",
        created_at=NOW - timedelta(hours=2),
        started_at=NOW - timedelta(0, 5),
    )
    assert progress.run_time(job, NOW) == timedelta(seconds=5)
    assert progress.queue_wait(job, NOW) == timedelta(hours=2, seconds=-5)
    assert progress.since_creation(job, NOW) == timedelta(hours=2)


def test_an_unknown_status_keeps_its_word() -> None:
    assert status_label("paused") == "? paused"
    assert status_label("") == "? No status"


def test_a_frame_has_its_columns_without_rows_and_with_missing_times() -> None:
    assert list(jobs_frame([], NOW).columns) == list(jobs_frame([Job(id="a")], NOW).columns)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "5 s"),
        (65, "1 min 05 s"),
        (3700, "1 h 01 min"),
        (90000, "1 d 01 h"),
        (None, "–"),
        (-1, "–"),
        (1e10, "–"),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_names() -> None:
    assert [file_name("/a/b.mkv"), file_name("C:\\x\\b.mkv"), file_name("")] == [
        "b.mkv",
        "b.mkv",
        "",
    ]


def test_a_filter_survives_the_address() -> None:
    view = JobFilter(status="failed", search="a b", sort="duration", order="asc", page=3)
    assert from_query_string(view.to_query_string()) == (view, ())
    assert JobFilter().to_query_string() == {}


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "9" * 30])
def test_a_bad_page_is_the_first_and_said(page: str) -> None:
    view, warnings = from_query_string({"page": page, "status": "bogus"})
    assert view == JobFilter()
    assert len(warnings) == 2
