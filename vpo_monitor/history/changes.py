"""Derive from a response how a job has changed, without state."""

from datetime import datetime, timedelta

from vpo_monitor.api.models import TERMINAL_STATUSES, Job, JobDetail
from vpo_monitor.history.records import Change, JobRecord, Kind, first_line

_SLACK = timedelta(seconds=2)
"""Tolerance: a job created this long before a request may be missing from its response."""


_ENDS = {"completed": Kind.FINISHED, "failed": Kind.FAILED, "cancelled": Kind.CANCELLED}


def updated(before: JobRecord | None, seen: Job) -> JobRecord:
    """Return the record of a job after a response with its state `seen`.

    Fields from a detail persist after the next list, which lacks them, unless the job was requeued.
    """
    base = before or JobRecord(seen.id)
    if before is not None and (before.status != seen.status or _is_again(before, seen)):
        is_onwards = seen.is_terminal and not before.is_terminal
        base = base._replace(
            has_detail=False,
            error=None,
            summary=None,
            stats_id=None,
            result=None,
            started_at=base.started_at if is_onwards else None,
        )
    listed = base._replace(
        job_type=seen.job_type,
        status=seen.status,
        file_path=seen.file_path,
        progress_percent=seen.progress_percent,
        created_at=seen.created_at,
        completed_at=seen.completed_at,
    )
    if not isinstance(seen, JobDetail):
        return listed
    stats_id = (seen.stats_id or "") if seen.is_terminal else None
    return listed._replace(
        summary=first_line(seen.summary or "") or None,
        stats_id=stats_id,
        result=listed.result if stats_id == listed.stats_id else None,
        policy_name=seen.policy_name,
        priority=seen.priority,
        started_at=seen.started_at,
        error=first_line(seen.error_message or "") or None,
        has_detail=True,
    )


def change_of(
    before: JobRecord | None, after: JobRecord, now: datetime, watched_since: datetime | None
) -> Change | None:
    """Return the change of a job between two responses; None if nothing changed or it is unknown.

    `watched_since` is the time of the previous response, None if there was none recently. A job
    without a record counts as a change only if it was created or finished after that.
    """
    if before is None:
        return _of_a_new_job(after, now, watched_since)
    if before.status == after.status:
        if not after.is_terminal or before.completed_at in (None, after.completed_at):
            return None
        return _change(_ENDS[after.status], after, after.completed_at or now)
    if after.status == "queued":
        return _change(Kind.REQUEUED, after, now)
    if after.status == "running":
        kind = Kind.REQUEUED if before.is_terminal else Kind.STARTED
        return _change(kind, after, after.started_at or now)
    if after.status in TERMINAL_STATUSES:
        return _change(_ENDS[after.status], after, after.completed_at or now)
    return None


def _is_again(before: JobRecord, seen: Job) -> bool:
    """Whether the job was requeued and started again between two responses.

    Its end time then differs, or its percentage has fallen.
    """
    if before.completed_at != seen.completed_at:
        return before.completed_at is not None
    return (seen.progress_percent or 0.0) < (before.progress_percent or 0.0)


def vanished(record: JobRecord, now: datetime) -> Change:
    """Return the change of a job that the server no longer has."""
    return _change(Kind.VANISHED, record, now)


def _of_a_new_job(after: JobRecord, now: datetime, watched_since: datetime | None) -> Change | None:
    if watched_since is None:
        return None
    came = after.completed_at if after.is_terminal else after.created_at
    if came is None or came < watched_since - _SLACK:
        return None
    if after.status == "running":
        return _change(Kind.STARTED, after, after.started_at or now)
    kind = Kind.QUEUED if after.status == "queued" else _ENDS.get(after.status)
    return None if kind is None else _change(kind, after, came)


def _change(kind: Kind, record: JobRecord, at: datetime) -> Change:
    return Change(at, kind, record.id, record.job_type, record.file_path)
