"""Jobs and statistics as dataframes; each column's type is fixed, also without rows."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from vpo_monitor.api.models import Job, PolicyStats, ScanError, TrendPoint
from vpo_monitor.insight import progress
from vpo_monitor.insight.wording import duration, file_name, size
from vpo_monitor.plain_text import plain

STATUS_LABELS = {
    "queued": "◷ Queued",
    "running": "▶ Running",
    "completed": "✓ Completed",
    "failed": "✕ Failed",
    "cancelled": "⊘ Cancelled",
}


# An ended job without success has no progress to speak of, whatever the server's percent.
_SAID = (progress.Progress.NOT_REPORTED, progress.Progress.DONE)


def status_label(status: str) -> str:
    """A status as an icon and a word; one that is not known keeps the server's word."""
    return STATUS_LABELS.get(status) or f"? {plain(status) or 'No status'}"


def progress_label(job: Job) -> str:
    """The progress as words: a number only where the server measured one."""
    kind = progress.kind_of(job)
    percent = progress.percent(job)
    if percent is not None:
        return f"{percent:.0f} %"
    return str(kind) if kind in _SAID else "–"


def jobs_frame(jobs: Sequence[Job], now: datetime, opened: str | None = None) -> pd.DataFrame:
    """One row a job: status, type, file, progress, created (UTC), since_creation, path.

    Where a job has been `opened` before, a column in front marks it.
    """
    created = pd.to_datetime(pd.Series([job.created_at for job in jobs], dtype=object), utc=True)
    marks = {} if opened is None else {"opened": ["➤" if job.id == opened else "" for job in jobs]}
    return pd.DataFrame(
        {
            **marks,
            "status": [[status_label(job.status)] for job in jobs],
            "type": [plain(job.job_type) for job in jobs],
            "file": [plain(file_name(job.file_path)) for job in jobs],
            "progress": [progress_label(job) for job in jobs],
            "created": created,
            "since_creation": [_since_creation(job, now) for job in jobs],
            "path": [plain(job.file_path) for job in jobs],
        }
    )


def _since_creation(job: Job, now: datetime) -> str:
    words = duration(progress.since_creation(job, now))
    return words if job.is_terminal else f"{words} so far"


def policies_frame(policies: Sequence[PolicyStats]) -> pd.DataFrame:
    """One row a policy."""
    return pd.DataFrame(
        {
            "Policy": [plain(row.policy_name) for row in policies],
            "Files": [row.files_processed for row in policies],
            "Success": [None if r.success_rate is None else 100 * r.success_rate for r in policies],
            "Saved": [size(row.total_size_saved) for row in policies],
            "Time a file": [duration(row.avg_processing_time) for row in policies],
            "Last used": pd.to_datetime(
                pd.Series([row.last_used for row in policies], dtype=object), utc=True
            ),
        }
    )


def trends_frame(trends: Sequence[TrendPoint]) -> pd.DataFrame:
    """One row a period: succeeded and failed files."""
    return pd.DataFrame(
        {
            "period": [plain(point.date) for point in trends],
            "Succeeded": [point.success_count for point in trends],
            "Failed": [point.fail_count for point in trends],
        }
    ).set_index("period")


def scan_errors_frame(rows: Sequence[ScanError]) -> pd.DataFrame:
    """One row a file that could not be scanned."""
    return pd.DataFrame(
        {
            "File": [plain(row.filename or file_name(row.path)) for row in rows],
            "Error": [plain(row.error) for row in rows],
            "Path": [plain(row.path) for row in rows],
        }
    )
