"""The combined data of one job from all responses."""

from dataclasses import dataclass
from datetime import datetime

from vpo_monitor.api.models import TERMINAL_STATUSES

NO_REASON = "VPO gave no reason"
"""Shown for a failed job without an error message."""


@dataclass(frozen=True)
class JobRecord:
    """One job. Times are UTC by the server's clock; `size_bytes` is its file's size before the job.

    `policy_name`, `priority`, `started_at` and `error` (the first line of VPO's message) are valid
    only if `has_detail`: the detail of the job in its current status has been fetched.
    """

    id: str
    job_type: str = ""
    status: str = ""
    file_path: str = ""
    progress_percent: float | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    policy_name: str | None = None
    priority: int | None = None
    error: str | None = None
    size_bytes: int | None = None
    has_detail: bool = False

    @property
    def is_terminal(self) -> bool:
        """Whether the job has finished; a job with an unknown status has not."""
        return self.status in TERMINAL_STATUSES

    @property
    def run_seconds(self) -> float | None:
        """Seconds from start to end; None if either is unknown."""
        if self.started_at is None or self.completed_at is None:
            return None
        return max(0.0, (self.completed_at - self.started_at).total_seconds())


def error_words(record: JobRecord | None) -> str:
    """The first line of the error, or that there is none; … until the detail is known."""
    if record is None or not record.has_detail:
        return "…"
    return record.error or NO_REASON
