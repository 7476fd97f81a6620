"""Revisions of a page: whether its next render would look different."""

from collections.abc import Sequence
from typing import Any

from vpo_monitor.api.models import Health, JobPage
from vpo_monitor.insight.connection import Report
from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling.log_tail import LogTail
from vpo_monitor.polling.snapshot import TOGETHER, Snapshot, State

Trace = tuple[object, ...]


def trace_of(reader: Reader, summary: Report) -> Trace | None:
    """Return everything that determines how the page looks, except its moving part.

    Equal values look the same. None if the page shows its waiting time, so that each render
    differs. The badge's ages and the run times of jobs are excluded, because the browser counts
    them.
    """
    if any(snapshot.data is None and snapshot.error is None for snapshot in reader.snapshots):
        return None
    return (
        summary.sentence,
        _counts(reader.health.data),
        *(
            _still_part(snapshot) if reading.is_moving else _part(snapshot)
            for reading, snapshot in reader.reads.items()
        ),
        *(seen for _look, seen in reader.tracked),
    )


def moving_trace(reader: Reader) -> Trace:
    """Return everything that determines how the moving part looks: the reads with `is_moving`."""
    return tuple(_part(snapshot) for reading, snapshot in reader.reads.items() if reading.is_moving)


def is_sure_to_change(snapshots: Sequence[Snapshot[Any]], now: float) -> bool:
    """Whether the next response will change the page, because a list of running jobs shows times.

    A check before the render would then be useless. False while a request is pending, as it may
    take long.
    """
    if any(snapshot.fetching_since is not None for snapshot in snapshots):
        return False
    soonest = max(now, min((one.next_attempt_at for one in snapshots), default=now))
    return any(
        _is_moving(snapshot)
        and snapshot.state is State.OK
        and snapshot.next_attempt_at <= soonest + TOGETHER
        for snapshot in snapshots
    )


def _is_moving(snapshot: Snapshot[Any]) -> bool:
    """Whether the data contains running times, which end at the time it was fetched."""
    return isinstance(snapshot.data, JobPage) and not all(
        job.is_terminal for job in snapshot.data.rows
    )


def _part(snapshot: Snapshot[Any]) -> Trace:
    error = None if snapshot.error is None else str(snapshot.error)
    data = snapshot.data
    if isinstance(data, LogTail):  # its new lines have a revision of their own
        data = (data.epoch, data.is_gone, bool(data.lines))
    return (data, error, snapshot.fetched_at if _is_moving(snapshot) else None)


def _still_part(snapshot: Snapshot[Any]) -> Trace:
    """Return a list without its rows, but with whether it has any, as that changes its layout."""
    data, error, _fetched_at = _part(snapshot)
    if isinstance(data, JobPage):
        data = (data.model_copy(update={"rows": ()}), bool(data.rows))
    return (data, error)


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
