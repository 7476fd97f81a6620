"""Estimate a job's remaining time from its own percentage.

It tracks the seconds per percent through the run. How fast this speed drifts, and how unevenly the
percentage moves, is unknown. Several Kalman filters with different assumptions are therefore run,
weighted by how well each predicted the run so far, and combined into one range. A steady job is
estimated from its whole run with a narrow range, a drifting one from its recent part with a wide
range.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from statistics import NormalDist, median

from vpo_monitor.insight.estimates.distribution import QUANTILES, Estimate

_GROUND = "from current progress"
_FULL = 100.0
_SAME = 0.01
"""Percentages closer than this are equal."""
_MOVED_ENOUGH = 3.0
_PIECES = 12
_WANDERINGS = (1e-4, 0.04, 0.25, 1.0, 4.0)
"""Assumed drifts: variance of the logarithm of the speed over a whole run."""
_UNEVENNESSES = (1e-4, 0.01, 0.06, 0.3, 1.0)
"""Assumed unevenness: variance of the time for 10 percent without drift, over its mean squared."""
_FUTURE_WANDERING = 0.8
"""More than the third that pure chance gives, because jobs that slow down tend to continue."""
_FIRST_DOUBT = 0.5
"""Variance of the first step's logarithm, because the start of its first percent is unknown."""
_UNKNOWN = 100.0
_LEAST_SPREAD = 0.03
_IMPLAUSIBLE = 8.0
_HALVINGS = 30
_PAUSE_FACTOR = 3.0
"""A step that takes this many times its expected time contains a pause."""
_ENOUGH_FOR_PAUSES = 5
_MOSTLY_NONE = 0.7
"""With fewer expected pauses than this, none is the most likely number."""
_PAUSE_TAIL = 1.5
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Sample:
    """A job's percentage, from 0 to 100, when first seen; `at` in seconds by any clock."""

    at: float
    percent: float


@dataclass(frozen=True)
class _Step:
    """Progress in percent and its seconds; `doubt` is the variance of the seconds' logarithm."""

    percent: float
    seconds: float
    doubt: float = 0.0


@dataclass(frozen=True)
class _Answer:
    """One filter's estimate of the logarithm of the remaining seconds per percent."""

    weight: float
    center: float
    scale: float


def from_progress(samples: Sequence[Sample], now: float) -> Estimate | None:
    """Estimate the remaining time of a job from the recent speed of its percentage.

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
    steps = [
        _Step(after.percent - before.percent, after.at - before.at)
        for before, after in pairwise(run)
    ]
    interval = min(step.seconds for step in steps)
    steps, pauses = _parted(steps, interval)
    paces = _paces(_answers(_pieces(steps), interval, left))
    step = min(left, median(step.percent for step in steps))
    silence = max(0.0, now - run[-1].at)
    overdue = max(0.0, silence - step * paces[1] - interval)
    to_come = _pauses_to_come(pauses, left / moved)
    low, middle, high = (
        max(0.0, left * pace - min(silence, step * pace))
        + overdue * ((1 - share) ** (-1 / _PAUSE_TAIL) - 1)
        + lost
        for share, pace, lost in zip(QUANTILES, paces, to_come, strict=True)
    )
    return Estimate(low, middle, high, _GROUND)


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


def _parted(steps: Sequence[_Step], interval: float) -> tuple[list[_Step], list[float]]:
    """Separate the steps from the pauses in them; returns also the seconds of each pause."""
    pace = median(step.seconds / step.percent for step in steps)
    moving: list[_Step] = []
    pauses: list[float] = []
    was_pause = False
    for number, step in enumerate(steps):
        warranted = step.percent * pace
        is_pause = (
            number > 0
            and len(steps) >= _ENOUGH_FOR_PAUSES
            and step.seconds > _PAUSE_FACTOR * warranted + 2 * interval
        )
        if is_pause:
            lost = step.seconds - warranted
            pauses = [*pauses[:-1], pauses[-1] + lost] if was_pause else [*pauses, lost]
        moving.append(_Step(step.percent, warranted) if is_pause else step)
        was_pause = is_pause
    return moving, pauses


def _pieces(steps: Sequence[_Step]) -> list[_Step]:
    """Return the first, uncertain step, and the rest merged into at most 12 similar steps."""
    pieces = [_Step(steps[0].percent, steps[0].seconds, _FIRST_DOUBT)]
    size = sum(step.percent for step in steps[1:]) / _PIECES
    percent = seconds = 0.0
    for number, step in enumerate(steps[1:], 1):
        percent, seconds = percent + step.percent, seconds + step.seconds
        if percent >= size or number == len(steps) - 1:
            pieces.append(_Step(percent, seconds))
            percent = seconds = 0.0
    return pieces


def _answers(pieces: Sequence[_Step], interval: float, left: float) -> list[_Answer]:
    """Run a Kalman filter for each drift and unevenness, and predict the `left` percent."""
    found: list[tuple[float, float, float]] = []
    for wandering, unevenness in product(_WANDERINGS, _UNEVENNESSES):
        # The level is the logarithm of the mean pace; an uneven step is more often faster than the
        # mean.
        level, variance, likelihood, before = 0.0, _UNKNOWN, 0.0, 0.0
        for number, piece in enumerate(pieces):
            uneven = _uneven(unevenness, piece.percent)
            seen = math.log(piece.seconds) - math.log(piece.percent) + uneven / 2
            level = level if number else seen
            # The time of a change is known only to the interval between two responses.
            noise = uneven + piece.doubt + (interval / piece.seconds) ** 2 / 6
            variance += wandering * (before + piece.percent) / 2 / _FULL
            before = piece.percent
            whole, surprise = variance + noise, seen - level
            likelihood -= (math.log(whole) + surprise**2 / whole) / 2
            level += surprise * variance / whole
            variance *= noise / whole
        uneven = _uneven(unevenness, max(1.0, left))
        variance += wandering * (before / 2 + left * _FUTURE_WANDERING) / _FULL + uneven
        found.append((likelihood, level - uneven / 2, math.sqrt(variance + _LEAST_SPREAD**2)))
    best = max(likelihood for likelihood, _, _ in found)
    return [
        _Answer(math.exp(likelihood - best), center, scale)
        for likelihood, center, scale in found
        if likelihood > best - _IMPLAUSIBLE
    ]


def _uneven(unevenness: float, percent: float) -> float:
    """Return the variance of the logarithm of the time for this many percent."""
    return math.log1p(unevenness * 10 / percent)


def _paces(answers: Sequence[_Answer]) -> list[float]:
    """Return the seconds per percent at each quantile of the combined estimates."""
    whole = sum(answer.weight for answer in answers)
    paces = []
    for share in QUANTILES:
        low = min(answer.center - 4 * answer.scale for answer in answers)
        high = max(answer.center + 4 * answer.scale for answer in answers)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            held = sum(
                answer.weight * _NORMAL.cdf((middle - answer.center) / answer.scale)
                for answer in answers
            )
            low, high = (middle, high) if held < share * whole else (low, middle)
        paces.append(math.exp(high))
    return paces


def _pauses_to_come(pauses: Sequence[float], ratio: float) -> list[float]:
    """Return the seconds of future pauses at each quantile; `ratio` is remaining over past work.

    Pauses are assumed to occur at random, with the same rate and mean duration as before.
    """
    if not pauses:
        return [0.0 for _ in QUANTILES]
    expected = len(pauses) * ratio
    # The variance of a random count is its mean; the durations add as much again.
    scatter = _NORMAL.inv_cdf(QUANTILES[-1]) * math.sqrt(2 * expected * (1 + ratio))
    numbers = (expected - scatter, expected - _MOSTLY_NONE, expected + scatter)
    return [max(0.0, number) * sum(pauses) / len(pauses) for number in numbers]
