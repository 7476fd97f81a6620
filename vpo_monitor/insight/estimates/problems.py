"""What may be wrong with a running job or the queue; each is a suspicion, and says since when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vpo_monitor.insight.estimates.eta import is_longer_than_similar
from vpo_monitor.insight.watching.facts import COUNTS_GOOD_FOR, Counts, Percent

_NO_WORKER_AFTER = timedelta(seconds=30)
"""Between two jobs a worker is counted nowhere: VPO counts those that have a job."""


class ProblemKind(StrEnum):
    """What a running job is suspected of."""

    STALLED = "possibly stalled"
    ABANDONED = "possibly abandoned"
    LONG = "longer than usual"


@dataclass(frozen=True)
class Problem:
    """A trouble, and how long what it is about `lasts`.

    That is how long the percent has rested, the server has had no worker, or the job has run.
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
    """What a running job is suspected of, the gravest first.

    `percents` are the changes of its percent, `elapsed` its run time in seconds and `similar` those
    of finished jobs like it; `without_worker` is how long the server has had no worker. A job whose
    percent has never moved is not called stalled: most never report one.
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


def time_without_worker(counts: Sequence[Counts], now: datetime) -> timedelta:
    """How long the server has counted no worker, as far as it was watched; 0 where it counts one.

    `counts` are the changes of the health's counts, the oldest first, and `now` is the time of the
    last health.
    """
    return _lasts_for(counts, now, lambda one: one.workers == 0)


def time_queued_without_worker(counts: Sequence[Counts], now: datetime) -> timedelta | None:
    """How long jobs have waited with none running and no worker; None where they have not."""
    lasts = _lasts_for(
        counts, now, lambda one: bool(one.queued) and one.running == 0 and one.workers == 0
    )
    return lasts if lasts >= _NO_WORKER_AFTER else None


def _lasts_for(
    counts: Sequence[Counts], now: datetime, is_so: Callable[[Counts], bool]
) -> timedelta:
    since = now
    for one in reversed(counts):
        if not is_so(one) or since - one.at > COUNTS_GOOD_FOR:
            break
        since = one.at
    return max(now - since, timedelta())
