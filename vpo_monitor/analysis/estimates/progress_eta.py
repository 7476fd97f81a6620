"""Estimate a job's remaining time from its own percentage.

The seconds per percent so far are smoothed exponentially, and the errors that this smoothing has
made on the way give the range. It works with logarithms, because paces differ by factors.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from vpo_monitor.analysis.estimates.durations import Estimate

_BASIS = "from current progress"
_FULL = 100.0
_SAME = 0.01
"""Percentages closer than this are equal."""
_SHORTEST = 0.001
"""Seconds."""
_MOVED_ENOUGH = 3.0
_PIECES = 12
"""The run is divided into at most about this many pieces, each with its own pace."""
_SMOOTHING = (0.6, 0.25)
"""Weights of the newest piece to choose from: for speeds that change, and that merely scatter."""
_MAX_ERROR = 0.75
"""Limit of an error, so that a pause (a piece much slower than the others) counts only so much."""
_USUAL_ERROR = 0.15
"""Counts as one more error, because a few small ones say little."""
_WIDTH = 3.2
"""Relates the range to the errors; fitted to the histories of `bench.estimates`."""
_TREND = 0.6
"""Weight of a pace that keeps rising or falling: the smoothing follows it late, to the end."""
_OVERDUE = (0.07, 0.6, 3.6)
"""Further wait at `low`, `middle` and `high`, relative to how long the next change is overdue."""


@dataclass(frozen=True)
class Sample:
    """A job's percentage, from 0 to 100, when first seen; `at` in seconds by any clock."""

    at: float
    percent: float


def from_progress(samples: Sequence[Sample], now: float) -> Estimate | None:
    """Estimate the remaining time of a job from the recent pace of its percentage.

    `samples` are the changes of the percentage in order; the first is the value initially found. A
    decrease starts a new run and discards earlier samples. `now` is when the last sample's
    percentage was last confirmed, by the samples' clock. The estimate counts down until the next
    change is due, and then grows. Returns None until the percentage has changed by 3, and at 100.
    """
    run = _last_run(samples)
    moved = run[-1].percent - run[0].percent if run else 0.0
    if moved < _MOVED_ENOUGH or run[-1].percent > _FULL - _SAME:
        return None
    left = _FULL - run[-1].percent
    pace, spread = _forecast(_paces(run), left / _FULL)
    average = (run[-1].at - run[0].at) / moved  # with all pauses, of which more may come
    paces = min(average, pace / spread), pace, max(average, pace * spread)
    silence = max(0.0, now - run[-1].at)
    step = min(left, median(after.percent - before.percent for before, after in pairwise(run)))
    overdue = max(0.0, silence - step * pace)
    low, middle, high = (
        max(0.0, left * likely - min(silence, step * likely)) + overdue * further
        for likely, further in zip(paces, _OVERDUE, strict=True)
    )
    return Estimate(low, middle, high, _BASIS)


def _last_run(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples since the percentage last fell, with increasing times and percentages."""
    run: list[Sample] = []
    for sample in samples:
        percent = min(max(sample.percent, 0.0), _FULL)
        if run and percent < run[-1].percent - _SAME:
            run = []
        if run and percent < run[-1].percent + _SAME:
            continue
        if run and sample.at <= run[-1].at:
            run[-1] = Sample(run[-1].at, percent)
        else:
            run.append(Sample(sample.at, percent))
    return run


def _paces(run: Sequence[Sample]) -> list[float]:
    """Return the seconds per percent in pieces of similar progress.

    If the run has more than one step, the first one is left out: when it began is unknown.
    """
    known = run[1:] if len(run) > 2 else run  # noqa: PLR2004 - two samples are one step
    size = (known[-1].percent - known[0].percent) / _PIECES
    paces, start = [], known[0]
    for sample in known[1:]:
        if sample is known[-1] or sample.percent - start.percent >= size - _SAME:
            seconds = max(sample.at - start.at, _SHORTEST)
            paces.append(seconds / (sample.percent - start.percent))
            start = sample
    return paces


def _forecast(paces: Sequence[float], left: float) -> tuple[float, float]:
    """Return the expected pace and the factor of its range; `left` is the share still to do."""
    smoothed = [_smooth(paces, weight) for weight in _SMOOTHING]
    error, trend, level, weight = min(smoothed, key=lambda one: one[0])
    few = 1 + 1 / len(paces)
    spread = math.sqrt(weight * error**2 + _TREND * trend**2)
    return math.exp(level), math.exp(_WIDTH * spread * few * (1 + left))


def _smooth(paces: Sequence[float], weight: float) -> tuple[float, float, float, float]:
    """Return the typical and the mean error on the way, the level at the end, and the weight."""
    level, errors = math.log(paces[0]), [_USUAL_ERROR]
    for number, pace in enumerate(paces[1:], 2):
        error = min(max(math.log(pace) - level, -_MAX_ERROR), _MAX_ERROR)
        errors.append(error)
        level += max(weight, 1 / number) * error
    trend = sum(errors[1:]) / len(errors)
    return math.sqrt(fmean(error**2 for error in errors)), trend, level, weight
