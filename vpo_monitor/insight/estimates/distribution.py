"""The distribution of the durations of similar jobs.

The logarithms of the durations are assumed to be normal. Their spread is itself estimated from few
values, so the result is Student's distribution, which is wide for few values and approaches the
normal one for many. Durations that lie far apart form separate groups, such as files that needed no
processing beside transcoded files, or one that took ten times as long as all others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist, fmean

QUANTILES = (0.1, 0.5, 0.9)
"""The quantiles of an estimate's `low`, `middle` and `high`."""
_NORMAL = NormalDist()
_USUAL_SPREAD = 0.45
"""Usual spread of the logarithms without data: two thirds within a factor of 1.6."""
_USUAL_WORTH = 2.0
"""The weight of the usual spread, as a number of durations."""
_APART = math.log(3.5)
"""Neighboring durations that differ by more than this factor belong to different groups."""
_ENOUGH_FOR_GROUPS = 5
_HALVINGS = 45
_FAR = 600.0
"""A bound for logarithms of durations, so that exponentials stay finite."""


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


@dataclass(frozen=True)
class _Group:
    share: float
    center: float
    scale: float


@dataclass(frozen=True)
class Distribution:
    """The probability distribution of the duration of one more similar job, in seconds."""

    _groups: tuple[_Group, ...]
    _freedom: float

    def beyond(self, seconds: float) -> float:
        """Return the probability, from 0 to 1, that the job takes longer than this many seconds."""
        if seconds <= 0:
            return 1.0
        return self._beyond(math.log(seconds))

    def remaining(self, share: float, elapsed: float) -> float:
        """Return the quantile of the remaining seconds of a job that has run for `elapsed` seconds.

        `beyond(elapsed)` must not be 0.
        """
        sought = (1 - share) * self.beyond(elapsed)
        low = math.log(elapsed) if elapsed > 0 else -_FAR
        high = _FAR
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self._beyond(middle) > sought:
                low = middle
            else:
                high = middle
        return max(0.0, math.exp(high) - max(0.0, elapsed))

    def _beyond(self, logarithm: float) -> float:
        return sum(
            group.share * student_cdf((group.center - logarithm) / group.scale, self._freedom)
            for group in self._groups
        )


@lru_cache(maxsize=256)
def fit(seconds: tuple[float, ...]) -> Distribution | None:
    """Fit a distribution to durations in `seconds`; None if none of them is above 0."""
    logarithms = sorted(math.log(second) for second in seconds if second > 0)
    if not logarithms:
        return None
    groups = _grouped(logarithms)
    centers = [fmean(group) for group in groups]
    scatter = sum(
        (logarithm - center) ** 2
        for group, center in zip(groups, centers, strict=True)
        for logarithm in group
    )
    freedom = _USUAL_WORTH + len(logarithms) - len(groups)
    variance = (_USUAL_WORTH * _USUAL_SPREAD**2 + scatter) / freedom
    return Distribution(
        tuple(
            _Group(len(group) / len(logarithms), center, math.sqrt(variance * (1 + 1 / len(group))))
            for group, center in zip(groups, centers, strict=True)
        ),
        freedom,
    )


def _grouped(logarithms: Sequence[float]) -> list[list[float]]:
    groups = [[logarithms[0]]]
    for before, logarithm in pairwise(logarithms):
        if len(logarithms) >= _ENOUGH_FOR_GROUPS and logarithm - before > _APART:
            groups.append([])
        groups[-1].append(logarithm)
    return groups


def student_cdf(deviation: float, freedom: float) -> float:
    """Student's cumulative distribution function (Wallace's formula, accurate to about 0.01)."""
    normal = math.sqrt(freedom * math.log1p(deviation * deviation / freedom)) * _wallace(freedom)
    return _NORMAL.cdf(math.copysign(normal, deviation))


def student_quantile(share: float, freedom: float) -> float:
    """Student's quantile function for a probability between 0 and 1."""
    normal = _NORMAL.inv_cdf(share)
    grown = math.expm1((normal / _wallace(freedom)) ** 2 / freedom)
    return math.copysign(math.sqrt(freedom * grown), normal)


def _wallace(freedom: float) -> float:
    return (8 * freedom + 1) / (8 * freedom + 3)
