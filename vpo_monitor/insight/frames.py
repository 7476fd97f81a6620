"""Dataframes of jobs; each column has a fixed type, even without rows."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from vpo_monitor.api.models import Job, ScanError
from vpo_monitor.insight import number_format, progress
from vpo_monitor.insight.formatting import display_name, duration
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


def status_label(status: str) -> str:
    """Format a status as an icon and a word; an unknown status keeps the server's word."""
    return STATUS_LABELS.get(status) or f"? {plain_line(status, _LONGEST_STATUS) or 'No status'}"


def progress_label(job: Job) -> str:
    """Format the progress, with a number only if the server measured it."""
    kind = progress.kind_of(job)
    percent = progress.percent(job)
    if percent is not None:
        return number_format.percent(percent)
    return str(kind) if kind in _SAID else "–"


def jobs_frame(
    jobs: Sequence[Job],
    now: datetime | None,
    opened: str | None = None,
    errors: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return one row per job: status, type, file, progress, created (UTC), since_creation, path.

    `now` is None if the jobs were fetched at different times, so that open durations are unknown.
    If a job was `opened` before, a leading column marks it. For failed jobs, the column error, from
    `errors`, replaces the progress.
    """
    created = pd.to_datetime(
        pd.Series([job.created_at for job in jobs], dtype=object), utc=True, errors="coerce"
    )
    told = (
        {"progress": [progress_label(job) for job in jobs]}
        if errors is None
        else {"error": [plain_line(error, LONGEST_NAME) for error in errors]}
    )
    marks = {} if opened is None else {"opened": ["➤" if job.id == opened else "" for job in jobs]}
    return pd.DataFrame(
        {
            **marks,
            "status": [[status_label(job.status)] for job in jobs],
            "type": [plain_line(job.job_type, LONGEST_NAME) for job in jobs],
            "file": [display_name(job.file_path) for job in jobs],
            **told,
            "created": created,
            "since_creation": [_since_creation(job, now) for job in jobs],
            "path": [plain_line(job.file_path) for job in jobs],
        }
    )


def _since_creation(job: Job, now: datetime | None) -> str:
    lasted = progress.since_creation(job, now)
    is_growing = lasted is not None and not job.is_terminal
    return f"{duration(lasted)} so far" if is_growing else duration(lasted)


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
