"""Detect and describe possible problems of running jobs and the queue, and how long they last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vpo_monitor.analysis.estimates.durations import is_longer_than_similar
from vpo_monitor.analysis.formatting import duration
from vpo_monitor.history.records import Counts, Percent

NO_JOBS = "No jobs yet. To create the first one, run this on the VPO machine: vpo scan"
"""The message for a server without any jobs, with the command that VPO suggests as a first step."""
NO_WORKER = (
    "No active workers, so queued jobs don't start. To start one, run this on the VPO machine: "
    "vpo jobs start"
)
_NO_WORKER_AFTER = timedelta(seconds=30)
"""Between two jobs a worker is not counted, because VPO counts only workers with a job."""


class ProblemKind(StrEnum):
    """Possible problems of a running job."""

    STALLED = "possibly stalled"
    ABANDONED = "possibly abandoned"
    LONG = "longer than usual"


@dataclass(frozen=True)
class Problem:
    """A problem, and how long it `lasts`.

    That is how long the percentage has not changed, the server has had no worker, or the job has
    run.
    """

    kind: ProblemKind
    lasts: timedelta


def find_problem(
    *,
    percents: Sequence[Percent],
    elapsed: float | None,
    similar: Sequence[float],
    without_worker: timedelta,
    stalled_after: timedelta,
    now: datetime,
) -> Problem | None:
    """Return the most serious problem of a running job; None if there is none.

    `percents` are the changes of its percentage, `elapsed` is its run time in seconds and `similar`
    has those of similar finished jobs; `without_worker` is how long the server has had no worker. A
    job whose percentage has never changed is not stalled, because most jobs report none.
    """
    rests = now - percents[-1].at if percents else None
    has_moved = rests is not None and percents[-1].percent > 0
    is_moving = has_moved and rests is not None and rests < stalled_after
    has_run = timedelta(seconds=elapsed or 0.0)
    if without_worker >= stalled_after and has_run >= stalled_after and not is_moving:
        return Problem(ProblemKind.ABANDONED, min(without_worker, has_run))
    if has_moved and rests is not None and not is_moving:
        return Problem(ProblemKind.STALLED, rests)
    if elapsed is not None and not has_moved and is_longer_than_similar(similar, elapsed):
        return Problem(ProblemKind.LONG, has_run)
    return None


def time_without_worker(counts: Sequence[Counts], now: datetime, good_for: timedelta) -> timedelta:
    """Return how long the server has had no worker, as far as monitored; 0 if it has one.

    `counts` are the changes of the health's counts, oldest first, and each is valid for at most
    `good_for`; `now` is the time of the last health.
    """
    return _lasts_for(counts, now, good_for, lambda one: one.workers == 0)


def time_queued_without_worker(
    counts: Sequence[Counts], now: datetime, good_for: timedelta
) -> timedelta | None:
    """Return how long jobs have been queued without a running job or a worker; None if not so."""
    lasts = _lasts_for(
        counts,
        now,
        good_for,
        lambda one: bool(one.queued) and one.running == 0 and one.workers == 0,
    )
    return lasts if lasts >= _NO_WORKER_AFTER else None


def _lasts_for(
    counts: Sequence[Counts], now: datetime, good_for: timedelta, is_so: Callable[[Counts], bool]
) -> timedelta:
    since = now
    for one in reversed(counts):
        if not is_so(one) or since - one.at > good_for:
            break
        since = one.at
    return max(now - since, timedelta())


def problem_text(problem: Problem | None) -> str:
    """Describe the problem of a job; empty if there is none."""
    if problem is None:
        return ""
    lasts = _minutes(problem.lasts)
    match problem.kind:
        case ProblemKind.STALLED:
            return f"Possibly stalled: no progress for {lasts}."
        case ProblemKind.ABANDONED:
            return (
                f"Possibly abandoned: no active workers for {lasts}. "
                "Jobs started from the command line run without a worker, too."
            )
    return "Running longer than every similar job so far."


def _minutes(lasts: timedelta) -> str:
    """Format a duration in one unit, because problems are not exact."""
    return duration(lasts).rsplit(" ", 2)[0] if lasts >= timedelta(minutes=1) else duration(lasts)
