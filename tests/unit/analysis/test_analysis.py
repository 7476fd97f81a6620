from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.formatting import duration, file_name
from vpo_monitor.analysis.frames import jobs_frame, status_label
from vpo_monitor.analysis.job_filter import JobFilter, from_query_string
from vpo_monitor.api.models import Job

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_an_unknown_status_keeps_its_word() -> None:
    assert status_label("paused") == "? paused"
    assert status_label("") == "? No status"


def test_a_frame_has_its_columns_without_rows_and_with_missing_times() -> None:
    assert list(jobs_frame([], NOW).columns) == list(jobs_frame([Job(id="a")], NOW).columns)


def test_a_table_sorts_by_numbers_and_leaves_out_what_is_not_known() -> None:
    created = NOW - timedelta(seconds=61.9)
    known = jobs_frame(
        [
            Job(id="a", status="running", progress_percent=42.4, created_at=created),
            Job(id="b", status="running", progress_percent=0.0, created_at=None),
            Job(id="c", status="failed", progress_percent=100.0, created_at=NOW, completed_at=NOW),
            Job(id="d", status="completed", created_at=created, completed_at=NOW),
        ],
        NOW,
    )
    assert known["progress"].fillna(-1).tolist() == [0.42, -1, -1, 1]
    lasted = known["since_creation"].dt.total_seconds().fillna(-1)
    assert lasted.tolist() == [61, -1, 0, 61]
    assert jobs_frame([Job(id="a", created_at=created)], None)["since_creation"].isna().all()


@pytest.mark.parametrize("name", ["[a].mkv", '["a", "b"]', "[b]"])
def test_a_name_in_brackets_is_no_list_of_buttons(name: str) -> None:
    (label,) = jobs_frame([Job(id="a", file_path=f"/srv/{name}")], NOW)["file"]
    assert not label.startswith("[")
    assert label.endswith(name)


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
