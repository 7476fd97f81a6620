"""Estimate the remaining time of jobs as a range that is right four times out of five."""

import math
from collections.abc import Iterable, Iterator, Sequence
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
    "processing_seconds",
    "seconds_per_byte",
    "typical_duration",
]

MIN_SAMPLES = 3
"""Minimum number of run times for an estimate."""
_CREDIBLE = 0.02
"""Minimum share of similar jobs that run this long; below it, the job is not like them."""
_LEAST_SIZE = 100_000
"""Bytes; for smaller files, startup time hides the effect of the size."""
_LEAST_DURATION = 0.1
"""Seconds; a shorter run read and wrote nothing, because the file needed no processing."""
_RECENT_ENDINGS = 30
_RECENT = timedelta(days=1)
_USUAL_VARIATION = 0.7
"""Usual variation of the times between two job ends, relative to their mean, without data."""
_USUAL_WORTH = 2.0
_CHANGE = 0.15
"""Uncertainty of how much the queued work as a whole differs from the finished work."""


def from_times(seconds: Sequence[float], elapsed: float, basis: str) -> Estimate | None:
    """Estimate the remaining time of a job that has run for `elapsed` seconds from similar jobs.

    `seconds` are the run times of similar jobs, scaled to this job's size if it is known; values
    not above 0 are ignored. Returns None with fewer than three, and if hardly any of them ran this
    long: the job then takes longer than usual, and its end is unknown.
    """
    known = tuple(second for second in seconds if second > 0)
    likely = distribution.fit(known)
    if len(known) < MIN_SAMPLES or likely is None or likely.beyond(elapsed) < _CREDIBLE:
        return None
    low, middle, high = (likely.remaining(share, elapsed) for share in QUANTILES)
    return Estimate(low, middle, high, basis)


def typical_duration(seconds: Sequence[float]) -> Estimate | None:
    """Estimate the total run time of similar jobs; None with fewer than three above 0."""
    return _typical_duration(tuple(second for second in seconds if second > 0))


@lru_cache(maxsize=256)
def _typical_duration(known: tuple[float, ...]) -> Estimate | None:
    return from_times(known, 0.0, f"from {len(known)} similar jobs")


def is_longer_than_similar(seconds: Sequence[float], elapsed: float) -> bool:
    """Whether a job has run longer than each of at least three similar jobs."""
    return len(seconds) >= MIN_SAMPLES and elapsed > max(seconds)


def seconds_per_byte(files: Iterable[ProcessedFile], policy: str | None) -> list[float]:
    """Return the seconds per byte of the files that the policy processed successfully.

    With `policy` None, any policy counts. Files that are too small or were too fast are left out.
    """
    return [
        seconds / file.size_before
        for file, seconds in _processed(files, policy)
        if file.size_before is not None and file.size_before >= _LEAST_SIZE
    ]


def processing_seconds(files: Iterable[ProcessedFile], policy: str) -> list[float]:
    """Return the run times of the files that the policy processed successfully, if not too fast."""
    return [seconds for _, seconds in _processed(files, policy)]


def _processed(
    files: Iterable[ProcessedFile], policy: str | None
) -> Iterator[tuple[ProcessedFile, float]]:
    for file in files:
        seconds = file.duration_seconds
        if (
            file.success
            and (policy is None or file.policy_name == policy)
            and seconds is not None
            and seconds >= _LEAST_DURATION
        ):
            yield file, seconds


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
    freedom = _USUAL_WORTH + len(waits) - 1
    variation = (_USUAL_WORTH * _USUAL_VARIATION**2 + scatter) / freedom
    variance = math.log1p(variation * (1 / len(waits) + 1 / to_do) + _CHANGE**2)
    middle = math.log(to_do * each) - variance / 2
    low, likely, high = (
        math.exp(middle + distribution.student_quantile(share, freedom) * math.sqrt(variance))
        for share in QUANTILES
    )
    ranges = [(estimate.low, estimate.middle, estimate.high) for estimate in known]
    # Workers share the remaining time of the running jobs, and none of these finishes early.
    rest = [sum(column) / len(running) for column in zip(*ranges, strict=True)] or [0.0, 0.0, 0.0]
    return _at_least(
        ranges,
        (low + rest[0], likely + rest[1], high + rest[2]),
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
