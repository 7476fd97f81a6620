"""How long jobs take, judged by similar jobs that have finished."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist, fmean

from vpo_monitor.api.models import ProcessedFile
from vpo_monitor.history.records import FinishedRun

MIN_SAMPLES = 3
"""Minimum number of run times for an estimate."""
_CREDIBLE = 0.02
"""Minimum share of similar jobs that run this long; below it, the job is not like them."""
_LEAST_SIZE = 100_000
"""Bytes; for smaller files, startup time hides the effect of the size."""
_LEAST_DURATION = 0.1
"""Seconds; a shorter run read and wrote nothing, because the file needed no processing."""
_LONGEST_DURATION = 1e9
_APART = math.log(3.5)
"""Neighboring durations that differ by more than this factor belong to different groups."""
_ENOUGH_FOR_GROUPS = 5
_USUAL_SPREAD = 0.45
"""Usual spread of the logarithms without data: two thirds within a factor of 1.6."""
_USUAL_WORTH = 2.0
"""The weight of the usual spread, as a number of durations."""
_LIKELY_TIMES = 500
_RANGE = (0.09, 0.5, 0.91)
"""The shares of likely times below `low`, `middle` and `high`.

A little wider than 80 %, because the spread itself is estimated from few values.
"""


@dataclass(frozen=True)
class Estimate:
    """An estimate of a duration in seconds.

    The true value is four times out of five between `low` and `high`, and equally likely above and
    below `middle`. `basis` describes the data: `from 12 similar jobs`.
    """

    low: float
    middle: float
    high: float
    basis: str


@lru_cache(maxsize=256)
def likely_times(seconds: tuple[float, ...]) -> tuple[float, ...]:
    """Return equally likely run times of one more job, ascending, judged by those of similar jobs.

    Durations that lie far apart form groups, such as files that needed no processing beside
    transcoded files. Within a group their logarithms are assumed to be normal, with the same spread
    in each. All `seconds` must be above 0.
    """
    groups = _grouped(sorted(math.log(second) for second in seconds))
    squares = sum((one - fmean(group)) ** 2 for group in groups for one in group)
    freedom = _USUAL_WORTH + len(seconds) - len(groups)
    variance = (_USUAL_WORTH * _USUAL_SPREAD**2 + squares) / freedom
    times: list[float] = []
    for group in groups:
        likely = NormalDist(fmean(group), math.sqrt(variance * (1 + 1 / len(group))))
        number = math.ceil(_LIKELY_TIMES * len(group) / len(seconds))
        times += (math.exp(likely.inv_cdf((place + 0.5) / number)) for place in range(number))
    return tuple(sorted(times))


def _grouped(logarithms: Sequence[float]) -> list[list[float]]:
    groups = [[logarithms[0]]]
    for before, logarithm in pairwise(logarithms):
        if len(logarithms) >= _ENOUGH_FOR_GROUPS and logarithm - before > _APART:
            groups.append([])
        groups[-1].append(logarithm)
    return groups


def from_times(seconds: Sequence[float], elapsed: float, basis: str) -> Estimate | None:
    """Estimate the remaining time of a job that has run for `elapsed` seconds from similar jobs.

    `seconds` are the run times of similar jobs, scaled to this job's size if it is known; values
    not above 0 are ignored. Returns None with fewer than three, and if hardly any of them ran this
    long: the job then takes longer than usual, and its end is unknown.
    """
    known = tuple(
        min(max(second, _LEAST_DURATION), _LONGEST_DURATION) for second in seconds if second > 0
    )
    if len(known) < MIN_SAMPLES:
        return None
    times = likely_times(known)
    elapsed = max(0.0, elapsed)
    remaining = [time - elapsed for time in times if time > elapsed]
    if len(remaining) < _CREDIBLE * len(times):
        return None
    low, middle, high = (remaining[int(share * len(remaining))] for share in _RANGE)
    return Estimate(low, middle, high, basis)


def typical_duration(seconds: Sequence[float]) -> Estimate | None:
    """Estimate the total run time of similar jobs; None with fewer than three above 0."""
    number = sum(second > 0 for second in seconds)
    return from_times(seconds, 0.0, f"from {number} similar jobs")


def is_longer_than_similar(seconds: Sequence[float], elapsed: float) -> bool:
    """Whether a job has run longer than each of at least three similar jobs."""
    return len(seconds) >= MIN_SAMPLES and elapsed > max(seconds)


def processed_runs(files: Iterable[ProcessedFile], policy: str | None = None) -> list[FinishedRun]:
    """Return the files that the policy, or any, processed successfully, if not too fast."""
    return [
        FinishedRun(file.duration_seconds, file.size_before)
        for file in files
        if file.success
        and policy in (None, file.policy_name)
        and file.duration_seconds is not None
        and file.duration_seconds >= _LEAST_DURATION
    ]


def seconds_per_byte(runs: Iterable[FinishedRun]) -> list[float]:
    """Return the paces of finished runs, without those that are too small or were too fast."""
    return [
        seconds / size
        for seconds, size in runs
        if size is not None and size >= _LEAST_SIZE and seconds >= _LEAST_DURATION
    ]
