"""In which order the queue will be worked through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vpo_monitor.api.models import Job
from vpo_monitor.insight.watching.watch import Watch

DEFAULT_PRIORITY = 100
"""What VPO gives a job for which nobody chose another; a lower one runs first."""
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class QueuedJob:
    """A waiting job; its `priority` is None until its detail has been seen."""

    job: Job
    priority: int | None
    policy_name: str | None


def sort_queue(jobs: Sequence[Job], watch: Watch) -> list[QueuedJob]:
    """Waiting jobs as VPO will take them: by priority, then by age.

    One whose priority is not known yet is taken to have the usual one.
    """
    queued = []
    for job in jobs:
        record = watch.record(job.id)
        if record is not None and record.status != job.status:
            continue  # another answer, a newer one, has told that it waits no more
        priority = record.priority if record else None
        queued.append(QueuedJob(job, priority, record.policy_name if record else None))
    queued.sort(key=_turn)
    return queued


def _turn(queued: QueuedJob) -> tuple[int, datetime]:
    priority = DEFAULT_PRIORITY if queued.priority is None else queued.priority
    return (priority, queued.job.created_at or _LAST)
