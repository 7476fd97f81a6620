"""How long work takes that is like work already seen: a distribution of times, not one number.

The logarithms of the times are taken as normal around their mean. How far they scatter is itself
known only from the times seen, so the distribution is Student's, which is wide for few of them
and nears the normal one for many. Times that stand far apart (files that needed nothing beside
files that were transcoded, one that took ten times as long as all others) are kept as groups of
their own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist, fmean

QUANTILES = (0.1, 0.5, 0.9)
"""Of the cases that end within an estimate's `low`, `middle` and `high`."""
_NORMAL = NormalDist()
_USUAL_SPREAD = 0.45
"""How far the logarithms scatter where nothing is known of it yet: two of three within ×/÷ 1.6."""
_USUAL_WORTH = 2.0
"""That many times have to be seen until they say as much about the scatter as the usual one."""
_APART = math.log(3.5)
"""Neighbouring times with more than this factor between them belong to different groups."""
_ENOUGH_FOR_GROUPS = 5
_HALVINGS = 45
_FAR = 600.0
"""No logarithm of a time lies beyond, so that its exponential stays finite."""


@dataclass(frozen=True)
class Estimate:
    """How long a job will still take, in seconds.

    Four times of five from `low` to `high`; as likely longer than `middle` as shorter. `basis`
    says for people what it rests on: `from 12 similar jobs`.
    """

    low: float
    middle: float
    high: float
    basis: str


@dataclass(frozen=True)
class _Group:
    share: float
    centre: float
    scale: float


@dataclass(frozen=True)
class Distribution:
    """The chance of each time, in seconds, that one more piece of the same work may take."""

    _groups: tuple[_Group, ...]
    _freedom: float

    def beyond(self, seconds: float) -> float:
        """The chance, from 0 to 1, that the work takes longer than so many seconds."""
        if seconds <= 0:
            return 1.0
        return self._beyond(math.log(seconds))

    def remaining(self, share: float, elapsed: float) -> float:
        """The seconds in which, with that chance, work ends that has run for `elapsed` seconds.

        `elapsed` must not be so long that `beyond` is 0.
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
            group.share * student_cdf((group.centre - logarithm) / group.scale, self._freedom)
            for group in self._groups
        )


@lru_cache(maxsize=256)
def fit(seconds: tuple[float, ...]) -> Distribution | None:
    """The distribution of work of which some took `seconds`; None where none of them is above 0."""
    logarithms = sorted(math.log(second) for second in seconds if second > 0)
    if not logarithms:
        return None
    groups = _grouped(logarithms)
    centres = [fmean(group) for group in groups]
    scatter = sum(
        (logarithm - centre) ** 2
        for group, centre in zip(groups, centres, strict=True)
        for logarithm in group
    )
    freedom = _USUAL_WORTH + len(logarithms) - len(groups)
    variance = (_USUAL_WORTH * _USUAL_SPREAD**2 + scatter) / freedom
    return Distribution(
        tuple(
            _Group(len(group) / len(logarithms), centre, math.sqrt(variance * (1 + 1 / len(group))))
            for group, centre in zip(groups, centres, strict=True)
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
    """Student's chance of a smaller deviation (Wallace's formula, good to about 0.01)."""
    normal = math.sqrt(freedom * math.log1p(deviation * deviation / freedom)) * _wallace(freedom)
    return _NORMAL.cdf(math.copysign(normal, deviation))


def student_quantile(share: float, freedom: float) -> float:
    """The deviation below which Student's distribution holds that share, between 0 and 1."""
    normal = _NORMAL.inv_cdf(share)
    grown = math.expm1((normal / _wallace(freedom)) ** 2 / freedom)
    return math.copysign(math.sqrt(freedom * grown), normal)


def _wallace(freedom: float) -> float:
    return (8 * freedom + 1) / (8 * freedom + 3)
