"""Made-up histories of running jobs, with a known end, as a dashboard would see them."""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vpo_monitor.analysis.estimates.progress_eta import Sample

_UNITS = 200
_CLOCK_OFF = 600.0
_FULL = 100.0


@dataclass(frozen=True)
class Run:
    """A job that began at 0 and ends at `length`, in seconds by the viewer's clock.

    `begun_by_server` is when it began by the server's clock, `samples` the changes of its percent
    as the viewer saw them, perhaps from later than its begin on and perhaps with an earlier run.
    """

    length: float
    samples: tuple[Sample, ...]
    begun_by_server: float = 0.0

    def seen_by(self, now: float) -> Sequence[Sample]:
        """The samples that the viewer had at `now`."""
        return self.samples[: bisect_right(self.samples, now, key=lambda sample: sample.at)]


@dataclass(frozen=True)
class Finished:
    """A job without a percent that ran for `length` seconds, and what its like took."""

    length: float
    similar: tuple[float, ...]


def steady(chance: random.Random) -> Run:
    """The same speed all the way."""
    return _watched(_steady_units(chance), chance)


def drifting(chance: random.Random) -> Run:
    """A speed that drifts at random, by up to half of itself to either side."""
    return _watched(_drifting_units(chance), chance)


def waving(chance: random.Random) -> Run:
    """A speed that swings by half of itself to either side, so that the past misleads."""
    waves, phase = chance.uniform(0.25, 1.5), chance.uniform(0, math.tau)
    units = [
        unit / (1 + 0.5 * math.sin(phase + math.tau * waves * number / _UNITS))
        for number, unit in enumerate(_steady_units(chance))
    ]
    return _watched(units, chance)


def jumping(chance: random.Random) -> Run:
    """A percent that is told in steps of 10 to 25, of work whose speed drifts."""
    steps = [0.0]
    while steps[-1] < _FULL:
        steps.append(steps[-1] + chance.uniform(10, 25))
    return _watched(
        _drifting_units(chance), chance, lambda percent: steps[bisect_right(steps, percent) - 1]
    )


def pausing(chance: random.Random) -> Run:
    """One to four pauses, each of 5 to 30 percent of the time that the work takes without them."""
    units = _steady_units(chance)
    whole = sum(units)
    pauses: dict[int, float] = {}
    for _ in range(chance.randint(1, 4)):
        pauses[chance.randrange(_UNITS)] = whole * chance.uniform(0.05, 0.3)
    return _watched(units, chance, pauses=pauses)


def requeued(chance: random.Random) -> Run:
    """A first run that broke off, a wait in the queue, and the run that counts."""
    run = _watched(_drifting_units(chance), chance, joined_by=0.0)
    reached, wait = chance.uniform(10, 80), run.length * chance.uniform(0, 0.3)
    before = run.length * reached / 100 + wait
    first = [
        Sample(sample.at - before, sample.percent)
        for sample in run.samples
        if sample.percent < reached
    ]
    waiting = Sample(-wait, 0.0)
    return Run(run.length, (*first, waiting, *(s for s in run.samples if s.percent > 0)))


def clock_ahead(chance: random.Random) -> Run:
    """A server whose clock is 10 minutes ahead of the viewer's."""
    return _watched(_drifting_units(chance), chance, begun_by_server=_CLOCK_OFF)


def clock_behind(chance: random.Random) -> Run:
    """A server whose clock is 10 minutes behind the viewer's."""
    return _watched(_drifting_units(chance), chance, begun_by_server=-_CLOCK_OFF)


def paced(chance: random.Random) -> Finished:
    """Files of one policy, whose times follow their sizes, with an overhead and some chance."""
    number = round(math.exp(chance.uniform(math.log(3), math.log(100))))
    pace, scatter = math.exp(chance.uniform(-17, -14)), chance.uniform(0.1, 0.5)

    def took(size: float) -> float:
        return chance.uniform(0, 3) + size * pace * chance.lognormvariate(0, scatter)

    sizes = [math.exp(chance.uniform(math.log(1e8), math.log(8e9))) for _ in range(number)]
    size = math.exp(chance.uniform(math.log(1e8), math.log(8e9)))
    return Finished(took(size), tuple(took(other) / other * size for other in sizes))


def similar(chance: random.Random, *, strays: float = 0.0) -> Finished:
    """Jobs of a kind whose times scatter; a share of them, `strays`, takes ten times as long."""
    number = round(math.exp(chance.uniform(math.log(3), math.log(100))))
    centre, scatter = chance.uniform(3, 8), chance.uniform(0.2, 0.8)
    times = [
        chance.lognormvariate(centre, scatter) * (10 if chance.random() < strays else 1)
        for _ in range(number + 1)
    ]
    return Finished(times[0], tuple(times[1:]))


@dataclass(frozen=True)
class Backlog:
    """Jobs that all wait at 0 and are done at `length`, and those that ended hours before.

    `spans` are creation, start and end of each, in seconds.
    """

    length: float
    spans: tuple[tuple[float, float, float], ...]


def backlog(chance: random.Random) -> Backlog:
    """Jobs of very different lengths, dealt with by one to three workers after an idle time."""
    workers, scatter = chance.randint(1, 3), chance.uniform(0.3, 1.0)
    spans: list[tuple[float, float, float]] = []
    for created, number in ((-36_000.0, chance.randint(0, 10)), (0.0, chance.randint(8, 80))):
        free = [created] * workers
        for _ in range(number):
            start = free.pop(0)
            end = start + 60 * chance.lognormvariate(0, scatter)
            free = sorted([*free, end])
            spans.append((created, start, end))
    return Backlog(max(end for _, _, end in spans), tuple(spans))


def _steady_units(chance: random.Random) -> list[float]:
    each = math.exp(chance.uniform(math.log(60), math.log(7200))) / _UNITS
    return [each * chance.lognormvariate(0, 0.1) for _ in range(_UNITS)]


def _drifting_units(chance: random.Random) -> list[float]:
    speed = chance.uniform(0.5, 1.5)
    units = []
    for unit in _steady_units(chance):
        speed = min(1.5, max(0.5, speed * chance.lognormvariate(0, 0.05)))
        units.append(unit / speed)
    return units


def _watched(
    units: Sequence[float],
    chance: random.Random,
    told: Callable[[float], float] = lambda percent: math.floor(10 * percent) / 10,
    *,
    pauses: Mapping[int, float] = MappingProxyType({}),
    joined_by: float = 0.2,
    begun_by_server: float = 0.0,
) -> Run:
    """The job whose parts take such times, asked every 2 to 10 seconds.

    `pauses` are the seconds for which it stands still before a part, by the part's number.
    Half of them are watched from their begin on, the others from within that share of their time.
    """
    begins, ends = [], []
    length = 0.0
    for number, unit in enumerate(units):
        begins.append(length + pauses.get(number, 0.0))
        length = begins[-1] + unit
        ends.append(length)
    joined = length * max(0.0, chance.uniform(-joined_by, joined_by))
    interval = chance.uniform(2, 10)
    samples: list[Sample] = []
    for number in range(int((length - joined) / interval) + 1):
        at = joined + number * interval
        percent = told(_percent(begins, ends, at))
        if not samples or samples[-1].percent != percent:
            samples.append(Sample(at, percent))
    return Run(length, tuple(samples), begun_by_server)


def _percent(begins: Sequence[float], ends: Sequence[float], at: float) -> float:
    part = min(bisect_left(ends, at), _UNITS - 1)
    within = (at - begins[part]) / (ends[part] - begins[part])
    return 100 * (part + min(1.0, max(0.0, within))) / _UNITS
