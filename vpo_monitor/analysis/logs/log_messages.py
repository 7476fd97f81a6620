"""Messages about the state of a job's log."""

from datetime import datetime, timedelta

from vpo_monitor.api.models import JobDetail
from vpo_monitor.polling.log_tail import LogTail

KEPT_FOR = timedelta(days=90)
"""VPO deletes logs after this time by default."""

NO_LOG_OF_SCANS = "VPO doesn't keep logs of scan jobs."
NOT_STARTED = "The log starts when the job does."
NOTHING_YET = "No output yet. VPO buffers up to 100 lines, so output can lag by minutes."
DELETED = "VPO no longer has this log: it deletes logs after 90 days."
NO_LOG = "VPO has no log for this job."
GONE = "VPO no longer has this log. Showing the lines loaded earlier."


def log_message(job: JobDetail, tail: LogTail, now: datetime) -> str | None:
    """Return a sentence about the state of a log; None if its lines are enough."""
    if tail.is_gone:
        return GONE
    if tail.lines:
        return None
    if job.status == "queued":
        return NOT_STARTED
    if not job.is_terminal:
        return NOTHING_YET
    ended = job.completed_at or job.created_at
    return DELETED if ended is not None and now - ended > KEPT_FOR else NO_LOG


def reload_message(tail: LogTail) -> str:
    """Explain why the log was reloaded."""
    return f"Log changed on the server ({tail.resynced}); reloaded."
