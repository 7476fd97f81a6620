"""A table of plain values for export."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from vpo_monitor.analysis.charts.timeline import Timeline
from vpo_monitor.analysis.charts.timeline_summary import newest_first, run_seconds, wait_seconds
from vpo_monitor.api.models import Job, ScanError

Value = str | int | float | bool | datetime | None
"""A cell. Numbers are finite and times are in UTC; None means unknown."""

_JOB_FIELDS = tuple(Job.model_fields)
_RECORD_FIELDS = (
    *("job_type", "status", "file_path", "policy_name"),
    *("created_at", "started_at", "completed_at", "error"),
)


@dataclass(frozen=True)
class Table:
    """Rows with one cell per column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def table_from_frame(frame: pd.DataFrame) -> Table:
    """Return the table of a dataframe."""
    return Table(
        tuple(map(str, frame.columns)),
        tuple(tuple(map(_value, row)) for row in frame.itertuples(index=False, name=None)),
    )


def table_from_jobs(jobs: Sequence[Job]) -> Table:
    """Return one row per job, with the fields of VPO's job list."""
    rows = (tuple(_value(getattr(job, name)) for name in _JOB_FIELDS) for job in jobs)
    return Table(_JOB_FIELDS, tuple(rows))


def table_from_scan_errors(rows: Sequence[ScanError]) -> Table:
    """Return one row per file that could not be scanned."""
    return Table(("path", "filename", "error"), tuple((r.path, r.filename, r.error) for r in rows))


def table_from_timeline(timeline: Timeline) -> Table:
    """Return one row per job on the timeline, newest first."""
    return Table(
        ("id", *_RECORD_FIELDS, "wait_seconds", "run_seconds", "lane"),
        tuple(
            (
                bar.job.id,
                *(_value(getattr(bar.job, name)) for name in _RECORD_FIELDS),
                wait_seconds(bar),
                run_seconds(bar),
                timeline.lanes[bar.row],
            )
            for bar in newest_first(timeline)
        ),
    )


def to_plain_value(value: Value) -> str | int | float | bool | None:
    """Convert a cell for export: times to ISO 8601 in UTC, other values unchanged."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _value(cell: Any) -> Value:
    if isinstance(cell, str):
        return cell
    if cell is None or pd.isna(cell):
        return None
    if isinstance(cell, datetime):  # includes pandas.Timestamp
        return cell.astimezone(UTC)
    number: int | float | bool = cell.item() if hasattr(cell, "item") else cell
    return None if isinstance(number, float) and not math.isfinite(number) else number
