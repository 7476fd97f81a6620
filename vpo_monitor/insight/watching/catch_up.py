"""Background requests from spare budget that complete the data about jobs."""

import heapq
from typing import Any

from vpo_monitor.insight.notifications import NotificationMemory
from vpo_monitor.insight.watching.job_record import JobRecord
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.polling import queries
from vpo_monitor.polling.background import file_size, in_background
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query

_AT_ONCE = 3
_SIZES_AT_ONCE = 1
"""A slow library must not block requests for details."""
_ASK_AGAIN_AFTER = 10.0
"""Seconds; a response from before a job's status changed does not count."""
_EVERY = 1.0
"""Seconds, independent of the number of viewers."""
_FINISHED_MAX_AGE = 180.0
"""Seconds; a finished job does not change, so a response fetched by another process is fine."""
_FOLLOWED_MAX_AGE = 10.0
_WITHOUT_A_FILE = frozenset({"scan", "prune"})
# Failures come first. The head of the queue is sorted by priority, which only details contain.
_ORDER = {"running": 0, "failed": 1, "queued": 2}


def catch_up(poller: Poller, watch: Watch) -> None:
    """Send the next few background requests. Returns at once; responses are recorded as usual.

    The detail of a finished job and the size of a running job's file never change, so each is
    requested once and stored in the history. Runs at most once a second, however many callers there
    are.
    """
    now = poller.now()
    if now - watch.caught_up_at < _EVERY:
        return
    watch.caught_up_at = now
    for query in wanted(watch, _AT_ONCE):
        record = watch.record(str(dict(query.arguments).get("job_id")))
        is_finished = record is not None and record.is_terminal
        poller.read(query, _FINISHED_MAX_AGE if is_finished else _ASK_AGAIN_AFTER, patience=0.0)


def follow_up(poller: Poller, memory: NotificationMemory, newer_than: float) -> None:
    """Request the jobs whose end the viewer wants to be notified of, on any page.

    Jobs requested before `newer_than`, by the poller's clock, are requested early.
    """
    for job_id in memory.followed:
        poller.read(queries.job(job_id), _FOLLOWED_MAX_AGE, newer_than=newer_than)


def wanted(watch: Watch, most: int) -> list[Query[Any]]:
    """Return at most `most` pending queries, the most useful first.

    Missing jobs come first, then file sizes of running jobs, then details, with the oldest finished
    jobs last.
    """
    jobs: list[Query[Any]] = [in_background(queries.job(job_id)) for job_id in watch.lost()[:most]]
    sizes = [
        file_size(record.id, record.file_path)
        for record in watch.running()
        if record.file_path
        and record.job_type not in _WITHOUT_A_FILE
        and not watch.is_sized(record.id)
    ]
    details = [
        in_background(queries.job(record.id))
        for record in heapq.nsmallest(most, watch.undetailed(), key=_place)
    ]
    return [*jobs, *sizes[:_SIZES_AT_ONCE], *details][:most]


def _place(record: JobRecord) -> tuple[int, float]:
    ended = record.completed_at if record.is_terminal else None
    return _ORDER.get(record.status, len(_ORDER)), -ended.timestamp() if ended else 0.0
