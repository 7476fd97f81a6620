"""What to say of a job's log where there is more to say than its lines."""

from datetime import datetime, timedelta

from vpo_monitor.api.models import JobDetail
from vpo_monitor.polling.log_tail import LogTail

KEPT_FOR = timedelta(days=90)
"""VPO deletes logs after this time, by default."""

NO_LOG_OF_SCANS = "VPO keeps no log of scans."
NOT_STARTED = "The log begins when the job starts."
NOTHING_YET = (
    "VPO has not written a line of this log yet. It holds back up to 100 lines, so that a running "
    "job can show nothing for minutes."
)
DELETED = "VPO has no log of this job any more: it deletes logs after 90 days."
NO_LOG = "VPO has no log of this job."
GONE = "VPO has no log of this job any more. What is shown was read before."


def log_message(job: JobDetail, tail: LogTail, now: datetime) -> str | None:
    """A sentence about the state of a log, None where its lines speak for themselves."""
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
    """Why the log was read anew."""
    return f"The log on the server changed while it was read: {tail.resynced}. It was read anew."
