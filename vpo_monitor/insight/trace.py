"""What a drawing of a page depended on, to tell whether the next one would look different."""

from typing import Any

from vpo_monitor.api.models import Health, JobPage
from vpo_monitor.insight.connection import Report
from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling.log_tail import LogTail
from vpo_monitor.polling.snapshot import Snapshot

Trace = tuple[object, ...]


def trace_of(reader: Reader, summary: Report) -> Trace | None:
    """All that decides what the page looks like; equal traces look the same.

    None where the page shows how long it has been waiting, so that each drawing differs. Ages on
    the badge and a job's run time are no part of it: the browser counts them.
    """
    if any(snapshot.data is None and snapshot.error is None for snapshot in reader.snapshots):
        return None
    return (
        summary.sentence,
        summary.connection.is_failure,
        _counts(reader.health.data),
        *(_part(snapshot) for snapshot in reader.all_snapshots),
        *(seen for _look, seen in reader.looks),
    )


def _part(snapshot: Snapshot[Any]) -> Trace:
    # The list's running times are those of the moment in which it was fetched.
    is_moving = isinstance(snapshot.data, JobPage) and not all(
        job.is_terminal for job in snapshot.data.rows
    )
    error = None if snapshot.error is None else str(snapshot.error)
    data = snapshot.data
    if isinstance(data, LogTail):  # its new lines are told by the pulse
        data = (data.epoch, data.is_gone, bool(data.lines))
    return (data, error, snapshot.fetched_at if is_moving else None)


def _counts(health: Health | None) -> Trace:
    if health is None:
        return ()
    return (
        health.jobs_running,
        health.jobs_queued,
        health.recent_errors,
        health.active_workers,
        health.shutting_down,
    )
