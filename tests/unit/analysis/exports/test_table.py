"""What the tables of a page hold when they become files."""

from datetime import UTC, datetime, timedelta

from vpo_monitor.analysis.charts.timeline import Bar, Shape, Timeline
from vpo_monitor.analysis.exports.table import Table, table_from_scan_errors, table_from_timeline
from vpo_monitor.api.models import ScanError
from vpo_monitor.history.records import JobRecord

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_scan_error_has_its_path_name_and_reason() -> None:
    errors = [ScanError(path="/srv/a.mkv", filename="a.mkv", error="No space")]
    assert table_from_scan_errors(errors) == Table(
        ("path", "filename", "error"), (("/srv/a.mkv", "a.mkv", "No space"),)
    )


def _bar(row: int, job: JobRecord) -> Bar:
    begins, ends = job.created_at or NOON, job.completed_at or NOON
    return Bar(job, row, Shape.RUN, job.status, begins, job.started_at, ends)


def test_a_timeline_has_a_row_for_each_job_the_newest_first() -> None:
    older = JobRecord(
        "1",
        job_type="move",
        status="failed",
        file_path="/srv/a.mkv",
        created_at=NOON - timedelta(seconds=90),
        started_at=NOON - timedelta(seconds=60),
        completed_at=NOON - timedelta(seconds=20),
        policy_name="p",
        error="No space",
        has_detail=True,
    )
    newer = JobRecord("2", status="running", created_at=NOON, started_at=NOON)
    drawn = Timeline(
        NOON - timedelta(days=1), NOON, ("move", "scan"), (_bar(0, older), _bar(1, newer))
    )
    table = table_from_timeline(drawn)
    assert [dict(zip(table.columns, row, strict=True)) for row in table.rows] == [
        dict.fromkeys(table.columns)
        | {
            "id": "2",
            "job_type": "",
            "status": "running",
            "file_path": "",
            "created_at": NOON,
            "started_at": NOON,
            "wait_seconds": 0,
            "lane": "scan",
        },
        {
            "id": "1",
            "job_type": "move",
            "status": "failed",
            "file_path": "/srv/a.mkv",
            "policy_name": "p",
            "created_at": NOON - timedelta(seconds=90),
            "started_at": NOON - timedelta(seconds=60),
            "completed_at": NOON - timedelta(seconds=20),
            "error": "No space",
            "wait_seconds": 30,
            "run_seconds": 40,
            "lane": "move",
        },
    ]
