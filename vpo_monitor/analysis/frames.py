"""Dataframes of jobs; each column has a fixed type, even without rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from vpo_monitor.analysis import number_format, progress
from vpo_monitor.analysis.formatting import display_name, is_credible
from vpo_monitor.api.models import Job, ScanError
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

STATUS_LABELS = {
    "queued": "◷ Queued",
    "running": "▶ Running",
    "completed": "✓ Completed",
    "failed": "✕ Failed",
    "cancelled": "⊘ Cancelled",
}


# A job that finished without success has no meaningful progress, whatever the server reports.
_SAID = (progress.Progress.NOT_REPORTED, progress.Progress.DONE)
_LONGEST_STATUS = 40
_FULL = 100.0
_ZERO_WIDTH = "\u200c"


def status_label(status: str) -> str:
    """Format a status as an icon and a word; an unknown status keeps the server's word."""
    return STATUS_LABELS.get(status) or f"? {plain_line(status, _LONGEST_STATUS) or 'No status'}"


def progress_label(job: Job) -> str:
    """Format the progress, with a number only if the server measured it."""
    kind = progress.kind_of(job)
    percent = progress.percent(job)
    if percent is not None:
        return number_format.percent(progress.whole_percent(percent))
    return str(kind) if kind in _SAID else "–"


def jobs_frame(
    jobs: Sequence[Job],
    now: datetime | None,
    opened: str | None = None,
    errors: Sequence[str] | None = None,
    results: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row a job: status, file, type, progress, created (UTC), since_creation, path.

    Progress is a share from 0 to 1, and missing if VPO has not reported any. since_creation is
    missing for unfinished jobs if `now` is None, as these were seen at different moments. A column
    in front marks the job that was `opened` last. If `errors` are given, one per job, a column with
    them replaces the progress; if `results` are, a column with them follows it.
    """
    created = pd.to_datetime(
        pd.Series([job.created_at for job in jobs], dtype=object), utc=True, errors="coerce"
    )
    detail: dict[str, Any] = (
        {"progress": pd.Series([_progress_share(job) for job in jobs], dtype="float64")}
        if errors is None
        else {"error": [plain_line(error, LONGEST_NAME) for error in errors]}
    )
    if results is not None:
        detail["result"] = [plain_line(one, LONGEST_NAME) or None for one in results]
    marks = {} if opened is None else {"opened": ["➤" if job.id == opened else "" for job in jobs]}
    return pd.DataFrame(
        {
            **marks,
            "status": [[status_label(job.status)] for job in jobs],
            "file": [_button_label(display_name(job.file_path)) for job in jobs],
            "type": [plain_line(job.job_type, LONGEST_NAME) for job in jobs],
            **detail,
            "created": created,
            "since_creation": pd.Series(
                [_whole_seconds(job, now) for job in jobs], dtype="timedelta64[s]"
            ),
            "path": [plain_line(job.file_path) for job in jobs],
        }
    )


def _button_label(name: str) -> str:
    """A name for a button; Streamlit takes text in brackets for a list of buttons."""
    return f"{_ZERO_WIDTH}{name}" if name.strip().startswith("[") else name


def _progress_share(job: Job) -> float | None:
    if job.status == "completed":
        return 1.0
    percent = progress.percent(job)
    return None if percent is None else progress.whole_percent(percent) / _FULL


def _whole_seconds(job: Job, now: datetime | None) -> timedelta | None:
    lasted = progress.since_creation(job, now)
    if lasted is None or not is_credible(lasted.total_seconds()):
        return None
    return timedelta(seconds=int(lasted.total_seconds()))


def scan_errors_frame(rows: Sequence[ScanError]) -> pd.DataFrame:
    """Return one row per file that could not be scanned."""
    return pd.DataFrame(
        {
            "File": [display_name(row.filename or row.path) for row in rows],
            "Error": [plain_line(row.error) for row in rows],
            "Path": [plain_line(row.path) for row in rows],
        }
    )


def moments(of: Sequence[datetime | None]) -> "pd.Series[pd.Timestamp]":
    """Return times as a UTC column; out-of-range times are left out."""
    column: pd.Series[pd.Timestamp] = pd.to_datetime(
        pd.Series(list(of), dtype=object), utc=True, errors="coerce"
    )
    return column
