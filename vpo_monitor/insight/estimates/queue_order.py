"""The order in which VPO will process the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vpo_monitor.api.models import Job
from vpo_monitor.history.job_tracker import JobTracker

DEFAULT_PRIORITY = 100
"""VPO's priority for a job without an explicit one; lower values run first."""
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class QueuedJob:
    """A queued job; `priority` is None until its detail has been fetched."""

    job: Job
    priority: int | None
    policy_name: str | None


def sort_queue(jobs: Sequence[Job], tracker: JobTracker) -> list[QueuedJob]:
    """Sort queued jobs in VPO's order: by priority, then by age.

    A job with an unknown priority is assumed to have the default one.
    """
    queued = []
    for job in jobs:
        record = tracker.record(job.id)
        if record is not None and record.status != job.status:
            continue  # a newer response shows that it is no longer queued
        priority = record.priority if record else None
        queued.append(QueuedJob(job, priority, record.policy_name if record else None))
    queued.sort(key=_turn)
    return queued


def _turn(queued: QueuedJob) -> tuple[int, datetime]:
    priority = DEFAULT_PRIORITY if queued.priority is None else queued.priority
    return (priority, queued.job.created_at or _LAST)
