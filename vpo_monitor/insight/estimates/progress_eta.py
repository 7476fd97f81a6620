"""What a job's own percent says of the time that it still needs.

The seconds that each percent took are followed through the run. How fast the speed wanders and how
unevenly the percent moves is not known of a job, so each of a set of answers is tried, weighed by
how well it foretold the run so far, and all of them make the range. So a steady job is told from
its whole run and closely, a drifting one from its recent part and widely.
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
"""Percents nearer to each other than this are the same one."""
_MOVED_ENOUGH = 3.0
_PIECES = 12
_WANDERINGS = (1e-4, 0.04, 0.25, 1.0, 4.0)
"""By how much the logarithm of the speed may wander over a whole run, as a variance."""
_UNEVENNESSES = (1e-4, 0.01, 0.06, 0.3, 1.0)
"""The variance that the time for 10 percent may have without any wandering, over its mean squared.
"""
_FUTURE_WANDERING = 0.8
"""More than the third that pure chance gives: what slows down tends to go on slowing down."""
_FIRST_DOUBT = 0.5
"""The variance of the first step's logarithm: nobody saw when its first percent began."""
_UNKNOWN = 100.0
_LEAST_SPREAD = 0.03
_IMPLAUSIBLE = 8.0
_HALVINGS = 30
_PAUSE_FACTOR = 3.0
"""A step that takes so many times as long as its size warrants holds a pause."""
_ENOUGH_FOR_PAUSES = 5
_MOSTLY_NONE = 0.7
"""With fewer pauses than this to be expected, none is the likeliest."""
_PAUSE_TAIL = 1.5
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Sample:
    """A job's percent, from 0 to 100, as it was first seen; `at` in seconds by any clock."""

    at: float
    percent: float


@dataclass(frozen=True)
class _Step:
    """So many percent in so many seconds; `doubt` is the variance of the seconds' logarithm."""

    percent: float
    seconds: float
    doubt: float = 0.0


@dataclass(frozen=True)
class _Answer:
    """The logarithm of the seconds per percent of what is left, as one of the tried answers."""

    weight: float
    centre: float
    scale: float


def from_progress(samples: Sequence[Sample], now: float) -> Estimate | None:
    """What is left of a job, from the recent speed of its percent.

    `samples` are the changes of its percent in the order seen, the first being how it was found; a
    fall begins a new run, and what was before does not count. `now` is when the percent was last
    read to be that of the last sample, by the samples' clock. Until the next change is due the
    estimate counts down, from then on it grows. None before the percent has moved by 3 since it was
    found, and at 100.
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
    """The samples since the percent last fell, each at a later time and a higher percent."""
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
    """The steps without the pauses in them, and the seconds of each pause."""
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
    """The first step, which is in doubt, and the others as at most 12 of about equal progress."""
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
    """What each wandering with each unevenness says of the `left` percent: Kalman's filters."""
    found: list[tuple[float, float, float]] = []
    for wandering, unevenness in product(_WANDERINGS, _UNEVENNESSES):
        # The level is the logarithm of the mean pace; a piece of uneven pace is most often faster.
        level, variance, likelihood, before = 0.0, _UNKNOWN, 0.0, 0.0
        for number, piece in enumerate(pieces):
            uneven = _uneven(unevenness, piece.percent)
            seen = math.log(piece.seconds) - math.log(piece.percent) + uneven / 2
            level = level if number else seen
            # When a change was seen is known to the interval between two looks at it.
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
        _Answer(math.exp(likelihood - best), centre, scale)
        for likelihood, centre, scale in found
        if likelihood > best - _IMPLAUSIBLE
    ]


def _uneven(unevenness: float, percent: float) -> float:
    """The variance of the logarithm of the time for so many percent."""
    return math.log1p(unevenness * 10 / percent)


def _paces(answers: Sequence[_Answer]) -> list[float]:
    """The seconds per percent below which the answers together hold each of the shares."""
    whole = sum(answer.weight for answer in answers)
    paces = []
    for share in QUANTILES:
        low = min(answer.centre - 4 * answer.scale for answer in answers)
        high = max(answer.centre + 4 * answer.scale for answer in answers)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            held = sum(
                answer.weight * _NORMAL.cdf((middle - answer.centre) / answer.scale)
                for answer in answers
            )
            low, high = (middle, high) if held < share * whole else (low, middle)
        paces.append(math.exp(high))
    return paces


def _pauses_to_come(pauses: Sequence[float], ratio: float) -> list[float]:
    """Seconds that pauses will take for each of the shares, what is left being `ratio` of what was.

    They come as they came, by chance, and as long as they were.
    """
    if not pauses:
        return [0.0 for _ in QUANTILES]
    expected = len(pauses) * ratio
    # By chance their number varies as its mean, their length as much again.
    scatter = _NORMAL.inv_cdf(QUANTILES[-1]) * math.sqrt(2 * expected * (1 + ratio))
    numbers = (expected - scatter, expected - _MOSTLY_NONE, expected + scatter)
    return [max(0.0, number) * sum(pauses) / len(pauses) for number in numbers]
