from datetime import UTC, datetime

import pytest

from vpo_monitor.api.models import Job
from vpo_monitor.insight.formatting import duration, file_name
from vpo_monitor.insight.frames import jobs_frame, status_label
from vpo_monitor.insight.job_filter import JobFilter, from_query_string

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


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
