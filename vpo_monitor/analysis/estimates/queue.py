"""The queue: the order in which VPO will process it, and when it will be empty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from vpo_monitor.analysis.estimates.durations import MIN_SAMPLES, Estimate
from vpo_monitor.api.models import Job
from vpo_monitor.history.job_tracker import DEFAULT_PRIORITY, JobTracker

_LAST = datetime.max.replace(tzinfo=UTC)
_RECENT_ENDINGS = 30
_RECENT = timedelta(days=1)
_USUAL_VARIATION = 0.7
"""Usual variation of the times between two job ends, relative to their mean, without data."""
_USUAL_WORTH = 2.0
_CHANGE = 0.15
"""Uncertainty of how much the queued work as a whole differs from the finished work."""
_DEVIATIONS = 1.4
"""Standard deviations of the range: 80 %, with some more because the variation is an estimate."""


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


def estimate_queue(
    queued: int,
    ended: Sequence[tuple[datetime, datetime]],
    now: datetime,
    running: Sequence[Estimate | None] = (),
    *,
    waiting_since: datetime | None = None,
) -> Estimate | None:
    """Estimate the time until the `queued` and the running jobs have all finished.

    `ended` contains the creation and end times of finished jobs in any order. The rate is that of
    the most recent ones, over the time in which there was work. `running` has an estimate for each
    running job, or None. `waiting_since`, the creation time of the oldest queued job, makes the
    estimate grow while no job finishes. All times are by the server's clock. Returns None if no
    work is left, and with fewer than three jobs finished within a day.
    """
    known = [estimate for estimate in running if estimate is not None]
    to_do = max(0, queued) + (len(running) - len(known)) / 2  # a running job counts as half done
    if not to_do:
        ranges = [(estimate.low, estimate.middle, estimate.high) for estimate in known]
        return _at_least(ranges, (0.0, 0.0, 0.0), "from the running jobs") if known else None
    waits = _waits_for_an_ending(ended, now)
    if len(waits) < MIN_SAMPLES - 1 or not sum(waits):
        return None
    newest = max(end for _, end in ended)
    at_work_since = max(newest, waiting_since or now)
    each = (sum(waits) + max(0.0, (now - at_work_since).total_seconds())) / len(waits)
    scatter = sum((wait / each - 1) ** 2 for wait in waits)
    variation = (_USUAL_WORTH * _USUAL_VARIATION**2 + scatter) / (_USUAL_WORTH + len(waits) - 1)
    variance = math.log1p(variation * (1 / len(waits) + 1 / to_do) + _CHANGE**2)
    spread = math.exp(_DEVIATIONS * math.sqrt(variance))
    likely = to_do * each
    ranges = [(estimate.low, estimate.middle, estimate.high) for estimate in known]
    # Workers share the remaining time of the running jobs, and none of these finishes early.
    rest = [sum(column) / len(running) for column in zip(*ranges, strict=True)] or [0.0, 0.0, 0.0]
    return _at_least(
        ranges,
        (likely / spread + rest[0], likely + rest[1], likely * spread + rest[2]),
        f"from the last {len(waits) + 1} finished jobs",
    )


def _waits_for_an_ending(ended: Sequence[tuple[datetime, datetime]], now: datetime) -> list[float]:
    """Return the seconds with work between each two of the last job ends."""
    recent = sorted(
        ((created, end) for created, end in ended if end >= now - _RECENT), key=lambda job: job[1]
    )[-_RECENT_ENDINGS:]
    waits = []
    oldest = now
    for (_, before), (created, end) in reversed(list(pairwise(recent))):
        # A job between two ends finished at the later one or after it.
        oldest = min(oldest, created)
        waits.append(max(0.0, (end - max(before, oldest)).total_seconds()))
    return waits


def _at_least(
    ranges: Sequence[tuple[float, float, float]], given: tuple[float, float, float], basis: str
) -> Estimate:
    """Raise the range to the latest end of the other ranges."""
    low, middle, high = (max(column) for column in zip(given, *ranges, strict=True))
    return Estimate(low, middle, high, basis)
