"""What a viewer is told without asking: that a job they follow has ended, or the whole queue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vpo_monitor.api.models import Health
from vpo_monitor.insight.watching.job_record import JobRecord
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.insight.wording import file_name
from vpo_monitor.plain_text import plain_line

MOST_FOLLOWED = 5
_DONE_AFTER = timedelta(seconds=10)
"""Between two jobs the queue may look empty for a moment."""
_TOLD_FOR = timedelta(seconds=20)
_ENDS = {"completed": "Finished", "failed": "Failed", "cancelled": "Cancelled"}


@dataclass(frozen=True)
class Telling:
    """A few words to show once; `id` tells it from all others. Its text is plain."""

    id: str
    title: str
    text: str
    job_id: str | None
    is_failure: bool


@dataclass
class TellingMemory:
    """What one viewer follows, since when the queue has been busy or empty, and what was told."""

    followed: dict[str, None] = field(default_factory=dict)
    busy_since: datetime | None = None
    empty_since: datetime | None = None
    failed_before: int | None = None
    told: list[tuple[datetime, Telling]] = field(default_factory=list)

    def follow(self, job_id: str, *, is_followed: bool) -> None:
        """Follow a job, or no more; of more than five the first is let go."""
        self.followed.pop(job_id, None)
        if is_followed:
            self.followed[job_id] = None
            while len(self.followed) > MOST_FOLLOWED:
                del self.followed[next(iter(self.followed))]


def tell(memory: TellingMemory, watch: Watch, health: Health | None) -> list[Telling]:
    """What is to be told now, with what was told in the last 20 s: a browser may have missed it."""
    now = watch.now()
    records = [record for one in memory.followed if (record := watch.record(one)) is not None]
    new = ended(memory, records) + queue_done(memory, health, now)
    memory.told = [(at, one) for at, one in memory.told if now - at < _TOLD_FOR]
    memory.told += [(now, one) for one in new]
    return [one for _at, one in memory.told]


def ended(memory: TellingMemory, records: Sequence[JobRecord]) -> list[Telling]:
    """Those of the followed jobs that have ended; they are followed no more."""
    told = []
    for record in records:
        if record.id in memory.followed and record.is_terminal:
            memory.follow(record.id, is_followed=False)
            name = plain_line(file_name(record.file_path)) or "A job"
            told.append(
                Telling(
                    id=f"{record.id} {record.completed_at}",
                    title=f"{_ENDS[record.status]}: {name}",
                    text=record.error or "",
                    job_id=record.id,
                    is_failure=record.status == "failed",
                )
            )
    return told


def queue_done(memory: TellingMemory, health: Health | None, now: datetime) -> list[Telling]:
    """That nothing runs or waits any more, once it has been so for 10 s after work.

    `now` is the time of the health, by the server's clock.
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
    memory.busy_since = None
    failed = max(0, (health.recent_errors or 0) - (memory.failed_before or 0))
    text = "Nothing runs or waits any more."
    if failed:
        text += " 1 job failed." if failed == 1 else f" {failed:,} jobs failed."
    return [
        Telling(
            id=f"queue {now.timestamp()}",
            title="The queue is done",
            text=text,
            job_id=None,
            is_failure=failed > 0,
        )
    ]
