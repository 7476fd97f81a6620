"""How long jobs will still take, as a range that holds the truth four times of five."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

from vpo_monitor.api.models import ProcessedFile
from vpo_monitor.insight.estimates import distribution
from vpo_monitor.insight.estimates.distribution import QUANTILES, Estimate
from vpo_monitor.insight.estimates.progress_eta import Sample, from_progress

__all__ = [
    "MIN_SAMPLES",
    "Estimate",
    "Sample",
    "estimate_queue",
    "from_progress",
    "from_times",
    "is_longer_than_similar",
    "seconds_per_byte",
    "typical_duration",
]

MIN_SAMPLES = 3
"""So few times are no basis for an estimate."""
_CREDIBLE = 0.02
"""Work that fewer than this share of its like outlasts is not of their like."""
_LEAST_SIZE = 100_000
"""Bytes; with less, what a job needs to start hides what the size costs."""
_LEAST_DURATION = 0.1
"""Seconds; in less nothing was read, let alone written: the file needed nothing."""
_RECENT_ENDINGS = 30
_RECENT = timedelta(days=1)
_USUAL_VARIATION = 0.7
"""Of the times between two endings, relative to their mean, where nothing is known of it yet."""
_USUAL_WORTH = 2.0
_CHANGE = 0.15
"""How far the work that waits may differ as a whole from what was done."""


def from_times(seconds: Sequence[float], elapsed: float, basis: str) -> Estimate | None:
    """What is left of a job that has run for `elapsed` seconds, from what finished ones took.

    `seconds` are scaled to this job's size where that is known; those not above 0 say nothing. None
    with fewer than three, and where hardly any of them would have run for so long: then the job
    takes longer than usual, and nothing is known of when it ends.
    """
    known = tuple(second for second in seconds if second > 0)
    likely = distribution.fit(known)
    if len(known) < MIN_SAMPLES or likely is None or likely.beyond(elapsed) < _CREDIBLE:
        return None
    low, middle, high = (likely.remaining(share, elapsed) for share in QUANTILES)
    return Estimate(low, middle, high, basis)


def typical_duration(seconds: Sequence[float]) -> Estimate | None:
    """What such jobs take in all; None with fewer than three times above 0."""
    return _typical_duration(tuple(second for second in seconds if second > 0))


@lru_cache(maxsize=256)
def _typical_duration(known: tuple[float, ...]) -> Estimate | None:
    return from_times(known, 0.0, f"from {len(known)} similar jobs")


def is_longer_than_similar(seconds: Sequence[float], elapsed: float) -> bool:
    """Whether a job has run for longer than each of at least three similar ones."""
    return len(seconds) >= MIN_SAMPLES and elapsed > max(seconds)


def seconds_per_byte(files: Iterable[ProcessedFile], policy: str | None) -> list[float]:
    """Seconds per byte of the files that the policy (None: any policy) dealt with successfully.

    Files so small, or done so fast, that they tell nothing of the pace are left out.
    """
    return [
        file.duration_seconds / file.size_before
        for file in files
        if file.success
        and (policy is None or file.policy_name == policy)
        and file.size_before is not None
        and file.size_before >= _LEAST_SIZE
        and file.duration_seconds is not None
        and file.duration_seconds >= _LEAST_DURATION
    ]


def estimate_queue(
    queued: int,
    ended: Sequence[tuple[datetime, datetime]],
    now: datetime,
    running: Sequence[Estimate | None] = (),
    *,
    waiting_since: datetime | None = None,
) -> Estimate | None:
    """How long until the `queued` jobs and the running ones are all done.

    `ended` says when finished jobs were created and when they ended, in any order; the pace is that
    of the last ones of them, over the time in which there was work. `running` holds an estimate for
    each running job, None where there is none. `waiting_since`, when the oldest waiting job was
    created, makes the estimate grow while no job ends. All times are by the server's clock. None
    where nothing is left to do, and with fewer than three jobs ended within a day.
    """
    known = [estimate for estimate in running if estimate is not None]
    to_do = max(0, queued) + (len(running) - len(known)) / 2  # one that runs is half done
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
    freedom = _USUAL_WORTH + len(waits) - 1
    variation = (_USUAL_WORTH * _USUAL_VARIATION**2 + scatter) / freedom
    variance = math.log1p(variation * (1 / len(waits) + 1 / to_do) + _CHANGE**2)
    middle = math.log(to_do * each) - variance / 2
    low, likely, high = (
        math.exp(middle + distribution.student_quantile(share, freedom) * math.sqrt(variance))
        for share in QUANTILES
    )
    ranges = [(estimate.low, estimate.middle, estimate.high) for estimate in known]
    # The workers share what is left of the running jobs, and none of these ends before its time.
    rest = [sum(column) / len(running) for column in zip(*ranges, strict=True)] or [0.0, 0.0, 0.0]
    return _at_least(
        ranges,
        (low + rest[0], likely + rest[1], high + rest[2]),
        f"from the last {len(waits) + 1} finished jobs",
    )


def _waits_for_an_ending(ended: Sequence[tuple[datetime, datetime]], now: datetime) -> list[float]:
    """The seconds, while there was work, from each of the last endings to the one after it."""
    recent = sorted(
        ((created, end) for created, end in ended if end >= now - _RECENT), key=lambda job: job[1]
    )[-_RECENT_ENDINGS:]
    waits = []
    oldest = now
    for (_, before), (created, end) in reversed(list(pairwise(recent))):
        # Whatever was at work between two endings ended with the later one or after it.
        oldest = min(oldest, created)
        waits.append(max(0.0, (end - max(before, oldest)).total_seconds()))
    return waits


def _at_least(
    ranges: Sequence[tuple[float, float, float]], given: tuple[float, float, float], basis: str
) -> Estimate:
    """The range given, raised to where each of the others has ended as well."""
    low, middle, high = (max(column) for column in zip(given, *ranges, strict=True))
    return Estimate(low, middle, high, basis)
