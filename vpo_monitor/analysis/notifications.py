"""Notifications for one viewer: a followed job or the whole queue has finished."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vpo_monitor.analysis.formatting import display_name, truncate
from vpo_monitor.analysis.number_format import count
from vpo_monitor.api.models import Health
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Change, JobRecord, Kind
from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import Poller

MAX_FOLLOWED = 5
_FOLLOWED_MAX_AGE = 10.0
_DONE_AFTER = timedelta(seconds=10)
"""Between two jobs the queue may be empty for a moment."""
_MOST_CHANGES = 1000
_TOLD_FOR = timedelta(seconds=20)
_LONGEST_NAME, _LONGEST_TEXT = 100, 500
_ENDS = {"completed": "Finished", "failed": "Failed", "cancelled": "Cancelled"}


@dataclass(frozen=True)
class Notification:
    """A short text to show once, identified by `id`. The text is sanitized."""

    id: str
    title: str
    text: str
    job_id: str | None
    is_failure: bool = False


@dataclass
class NotificationMemory:
    """One viewer's followed jobs, the queue's busy and idle times, and past notifications.

    `followed` maps each job to its file name, empty until the job's record is known.
    """

    followed: dict[str, str] = field(default_factory=dict)
    busy_since: datetime | None = None
    empty_since: datetime | None = None
    failed_before: int | None = None
    told: list[tuple[datetime, Notification]] = field(default_factory=list)
    is_new: bool = True
    session: str = field(default_factory=lambda: uuid.uuid4().hex)

    def adopt(self, job_ids: Sequence[str]) -> None:
        """Follow the jobs of the viewer's earlier session; works once."""
        if self.is_new and job_ids:
            self.is_new = False
            for job_id in job_ids[:MAX_FOLLOWED]:
                self.followed.setdefault(job_id, "")

    def follow(self, job_id: str, *, is_followed: bool) -> None:
        """Follow or unfollow a job. Following a sixth job unfollows the first."""
        self.followed.pop(job_id, None)
        if is_followed:
            self.followed[job_id] = ""
            while len(self.followed) > MAX_FOLLOWED:
                del self.followed[next(iter(self.followed))]


def request_followed(poller: Poller, memory: NotificationMemory, newer_than: float) -> None:
    """Request the jobs whose end the viewer wants to be notified of, on any page.

    Jobs requested before `newer_than`, by the poller's clock, are requested early.
    """
    for job_id in memory.followed:
        poller.read(queries.job(job_id), _FOLLOWED_MAX_AGE, newer_than=newer_than)


def due_notifications(
    memory: NotificationMemory, tracker: JobTracker, health: Health | None, health_at: datetime
) -> list[Notification]:
    """Return new notifications and those of the last 20 s, which a browser may have missed.

    `health_at` is the time of the health, by the server's clock.
    """
    now = tracker.now()
    new = ended_jobs(memory, {job_id: tracker.record(job_id) for job_id in memory.followed})
    may_be_done = memory.busy_since is not None and memory.empty_since is not None
    new += queue_finished(
        memory, health, tracker.changes(_MOST_CHANGES) if may_be_done else (), health_at
    )
    memory.told = [(at, one) for at, one in memory.told if now - at < _TOLD_FOR]
    memory.told += [(now, one) for one in new]
    return [one for _at, one in memory.told]


def ended_jobs(
    memory: NotificationMemory, records: Mapping[str, JobRecord | None]
) -> list[Notification]:
    """Return and unfollow the followed jobs that have finished or vanished."""
    told = []
    for job_id, record in records.items():
        name = memory.followed[job_id]
        if record is None and name:
            told.append(Notification(f"{job_id} vanished", f"Removed from VPO: {name}", "", None))
        elif record is not None and record.is_terminal:
            told.append(_end(record))
        else:
            if record is not None:
                memory.followed[job_id] = _name(record)
            continue
        memory.follow(job_id, is_followed=False)
    return told


def _end(record: JobRecord) -> Notification:
    return Notification(
        id=f"{record.id} {record.completed_at}",
        title=f"{_ENDS[record.status]}: {_name(record)}",
        text=plain_line(record.error or "", _LONGEST_TEXT),
        job_id=record.id,
        is_failure=record.status == "failed",
    )


def _name(record: JobRecord) -> str:
    return truncate(display_name(record.file_path, "A job"), _LONGEST_NAME)


def queue_finished(
    memory: NotificationMemory, health: Health | None, changes: Sequence[Change], now: datetime
) -> list[Notification]:
    """Return a notification if the queue was busy and then empty in two responses 10 s apart.

    `changes` are the recent changes; `now` is the time of the health, by the server's clock.
    """
    if health is None or health.jobs_running is None or health.jobs_queued is None:
        return []
    if health.jobs_running or health.jobs_queued:
        if memory.busy_since is None:
            memory.busy_since, memory.failed_before = now, health.recent_errors
        memory.empty_since = None
        return []
    if memory.busy_since is None:
        return []
    memory.empty_since = memory.empty_since or now
    if now - memory.empty_since < _DONE_AFTER:
        return []
    since = memory.busy_since
    memory.busy_since = None
    # Both can be too low: old failures expire from the count, and not every end was observed.
    failed = max(
        (health.recent_errors or 0) - (memory.failed_before or 0),
        sum(change.kind is Kind.FAILED and change.at >= since for change in changes),
    )
    text = "No jobs are running or queued."
    if failed > 0:
        text += " 1 job failed." if failed == 1 else f" {count(failed)} jobs failed."
    told = Notification(f"queue {now.timestamp()}", "Queue finished", text, None, failed > 0)
    return [told]
