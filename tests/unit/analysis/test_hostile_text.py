"""Hostile text in all that is thought and said about jobs: plain and bounded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.hostile_text import HOSTILE, READABLE
from tests.tracked import tracker_of
from vpo_monitor.analysis.charts.failure_reasons import reasons
from vpo_monitor.analysis.charts.run_times import run_times
from vpo_monitor.analysis.charts.statistics_frames import (
    policies_table,
    reasons_table,
    run_time_jobs_table,
    run_times_table,
)
from vpo_monitor.analysis.charts.timeline import build_timeline
from vpo_monitor.analysis.charts.timeline_summary import timeline_frame
from vpo_monitor.analysis.formatting import display_name
from vpo_monitor.analysis.frames import jobs_frame, scan_errors_frame
from vpo_monitor.analysis.logs.log_rows import RowStyle, Timestamps, log_rows
from vpo_monitor.analysis.notifications import NotificationMemory, ended_jobs
from vpo_monitor.api.fields import LONGEST_TEXT
from vpo_monitor.api.models import Job, JobDetail, PolicyStats, ScanError
from vpo_monitor.history.changes import updated
from vpo_monitor.history.records import JobRecord
from vpo_monitor.plain_text import plain, plain_line
from vpo_monitor.polling.log_tail import MAX_LINE, shown_lines

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def record_of(text: str, status: str = "failed") -> JobRecord:
    """A job of which all was hostile when it was heard of."""
    detail = JobDetail(
        id="a",
        job_type=text,
        status=status,
        file_path=f"/srv/{text}",
        policy_name=text,
        created_at=NOW - timedelta(minutes=2),
        started_at=NOW - timedelta(minutes=1),
        completed_at=NOW,
        error_message=text,
    )
    return updated(None, detail)


def frames(text: str) -> Iterator[pd.DataFrame]:
    """Each table that is shown or downloaded, with the text in all its fields."""
    failed, completed = record_of(text), record_of(text, "completed")
    yield jobs_frame([Job(id="a", job_type=text, status=text, file_path=text)], NOW)
    yield scan_errors_frame([ScanError(path=text, filename=text, error=text)])
    yield policies_table([PolicyStats(policy_name=text)])
    yield run_time_jobs_table([completed])
    decoded = text.encode(errors="replace").decode()  # as the API client does
    tracker = tracker_of([record_of(decoded, "completed")])
    yield run_times_table(run_times(tracker, None))
    yield reasons_table(reasons([failed]))
    yield timeline_frame(build_timeline([failed], NOW - timedelta(days=1), NOW))


def texts_of(value: Any) -> Iterator[str]:
    """The texts in cells, which may be lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts_of(one)


def test_every_cell_is_plain_and_of_bounded_length() -> None:
    for one in HOSTILE:
        for frame in frames(one.text):
            cells = [text for cell in frame.to_numpy().flat for text in texts_of(cell)]
            assert cells, one.name
            for cell in cells:
                assert plain_line(cell) == cell, one.name
                assert len(cell) <= LONGEST_TEXT, one.name


def test_what_is_told_is_plain_and_short() -> None:
    for one in HOSTILE:
        (told,) = ended_jobs(NotificationMemory(followed={"a": ""}), {"a": record_of(one.text)})
        for text in (told.title, told.text):
            assert plain_line(text) == text, one.name
            assert len(text) <= 500, one.name
        assert len(told.title) <= 120, one.name


def test_the_lanes_of_a_timeline_are_plain_and_short() -> None:
    for one in HOSTILE:
        (lane,) = build_timeline([record_of(one.text)], NOW - timedelta(days=1), NOW).lanes
        assert plain_line(lane) == lane, one.name
        assert 0 < len(lane.strip()) <= 60, one.name


@pytest.mark.parametrize("timestamps", Timestamps)
def test_a_row_of_a_log_is_one_plain_line(timestamps: Timestamps) -> None:
    for one in HOSTILE:
        lines = shown_lines([one.text, f"[2026-11-23T21:52:29.609764Z] {one.text}"])
        for _number, text, marks, _found in log_rows(lines, 1, RowStyle(timestamps)):
            assert plain_line(text) == text, one.name
            assert len(text) <= MAX_LINE + 100, one.name
            assert set(marks) <= set("ewhg"), one.name


def test_a_name_that_cannot_be_seen_has_words_in_its_place() -> None:
    for one in HOSTILE:
        name = display_name(one.text, "no name")
        assert plain_line(name) == name, one.name
        assert name.strip(), one.name


def test_an_unusual_name_is_shown_as_it_is() -> None:
    for one in READABLE:
        frame = jobs_frame([Job(id="a", file_path=f"/srv/{one.text}")], NOW)
        assert frame["file"].tolist() == [one.text]
        assert plain(one.text) in frame["path"].tolist()[0]
