"""What is asked for beside the page, from spare budget, to know jobs better."""

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
"""A library that does not answer must not keep details from being asked for."""
_ASK_AGAIN_AFTER = 10.0
"""Seconds; an answer from before a job's status changed does not count."""
_EVERY = 1.0
"""Seconds; the same for one viewer and for a hundred."""
_FINISHED_MAX_AGE = 180.0
"""Seconds; that of a finished job will not change, so that of another process does as well."""
_FOLLOWED_MAX_AGE = 10.0
_WITHOUT_A_FILE = frozenset({"scan", "prune"})
# Failures are read first, the head of the queue is sorted by a priority that only details tell.
_ORDER = {"running": 0, "failed": 1, "queued": 2}


def catch_up(poller: Poller, watch: Watch) -> None:
    """Have the next few things asked for; returns at once, and the watch hears the answers.

    A detail of a finished job never changes, so it is asked for once and kept in the history; so
    is the size of a running job's file. Looks at most once a second, whoever calls.
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
    """Have those jobs asked for whose end the viewer wants to be told, whatever page is open.

    Also before their time where they were asked before `newer_than`, by the poller's clock.
    """
    for job_id in memory.followed:
        poller.read(queries.job(job_id), _FOLLOWED_MAX_AGE, newer_than=newer_than)


def wanted(watch: Watch, most: int) -> list[Query[Any]]:
    """What is still to be asked for, at most so many, the most useful first.

    First what became of jobs that left their list; then the sizes of running jobs' files; then
    details, those of jobs that ended long ago last.
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
