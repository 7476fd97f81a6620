"""A table of plain values, whatever it was made from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from vpo_monitor.api.models import Job, ScanError
from vpo_monitor.insight.charts.timeline import Timeline
from vpo_monitor.insight.charts.timeline_summary import newest_first, run_seconds, wait_seconds

Value = str | int | float | bool | datetime | None
"""A cell. Numbers are finite and times are in UTC; None is what is not known."""

_JOB_FIELDS = tuple(Job.model_fields)
_RECORD_FIELDS = (
    *("job_type", "status", "file_path", "policy_name"),
    *("created_at", "started_at", "completed_at", "error"),
)


@dataclass(frozen=True)
class Table:
    """Rows of as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def table_from_frame(frame: pd.DataFrame) -> Table:
    """The table of a dataframe."""
    return Table(
        tuple(map(str, frame.columns)),
        tuple(tuple(map(_value, row)) for row in frame.itertuples(index=False, name=None)),
    )


def table_from_jobs(jobs: Sequence[Job]) -> Table:
    """One row a job, with the fields that VPO's list has."""
    rows = (tuple(_value(getattr(job, name)) for name in _JOB_FIELDS) for job in jobs)
    return Table(_JOB_FIELDS, tuple(rows))


def table_from_scan_errors(rows: Sequence[ScanError]) -> Table:
    """One row a file that could not be scanned."""
    return Table(("path", "filename", "error"), tuple((r.path, r.filename, r.error) for r in rows))


def table_from_timeline(timeline: Timeline) -> Table:
    """One row a job that is drawn, the newest first."""
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
    """The cell as files have it: a time as ISO 8601 in UTC, all else as it is."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _value(cell: Any) -> Value:
    if isinstance(cell, str):
        return cell
    if cell is None or pd.isna(cell):
        return None
    if isinstance(cell, datetime):  # pandas' own kind of time is one, too
        return cell.astimezone(UTC)
    number: int | float | bool = cell.item() if hasattr(cell, "item") else cell
    return None if isinstance(number, float) and not math.isfinite(number) else number
