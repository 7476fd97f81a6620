"""Estimate when each queued job will start and end, by simulating the queue many times.

Each simulation draws a run time for every job, and lets the workers take one job after the other.
The draws of a job depend on its ID alone: if nothing has changed, neither has the result, and one
that has changed a little changes the result a little.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import heapify, heapreplace
from random import Random
from statistics import NormalDist

from vpo_monitor.analysis.estimates.durations import MIN_SAMPLES, Estimate, likely_times
from vpo_monitor.history.records import COUNTS_GOOD_FOR, Counts

MAX_JOBS = 20
"""Queued jobs that are simulated; the file sizes of as many are requested."""
_DRAWS = 200
_SHARES = tuple((number + 0.5) / _DRAWS for number in range(_DRAWS))
_NORMAL = tuple(map(NormalDist().inv_cdf, _SHARES))
_RANGE = (0.06, 0.5, 0.94)
"""The shares of the simulations below `low`, `middle` and `high`."""
_ESTIMATE_DEVIATIONS = NormalDist().inv_cdf(0.91)
"""Standard deviations from the middle of an estimate to its ends."""
_CHANGE = 0.2
"""Usual spread of the logarithms of how much all queued jobs differ from those before."""
_SPREAD = 0.45
"""Usual spread of the logarithms of similar run times."""
_WIDE_SPREAD = 1.5
"""Spread of the logarithms of run times of unknown jobs: nine in ten within a factor of 12."""
_SHORTEST, _LONGEST = 0.1, 1e9
"""Seconds."""
_MOST_WORKERS = 64
_ALIKE, _NEGLIGIBLE = 0.25, 30.0
"""A range is shown until an end differs by a quarter, of at least so many seconds."""
_SHARED = "shared by all jobs"
_SEEN_FOR = timedelta(minutes=2)


@dataclass(frozen=True)
class RunTimes:
    """The likely run times of a job: 200 equally likely ones in seconds, ascending.

    `shared` is the standard deviation of the logarithm of a factor that jobs have in common, as
    what their times are judged by is the same.
    """

    seconds: tuple[float, ...]
    shared: float = 0.0


@dataclass(frozen=True)
class ExpectedTimes:
    """When a queued job is expected to start and end, in seconds from now.

    `end` is None if the job's run time is unknown. `planned` are start and end if each job takes
    its middle time: of two jobs of one worker, one ends before the other starts.
    """

    start: Estimate
    end: Estimate | None
    planned: tuple[float, float]


@lru_cache(maxsize=64)
def likely_run_times(similar: tuple[float, ...]) -> RunTimes | None:
    """Return the likely run times of one more job; None with fewer than three above 0.

    They may be scaled to a file's size afterward, if all of `similar` are seconds per byte.
    """
    known = tuple(second for second in similar if second > 0)
    if len(known) < MIN_SAMPLES:
        return None
    times = likely_times(known)
    shared = math.sqrt(_CHANGE**2 + _SPREAD**2 / len(known))
    return RunTimes(tuple(times[int(share * len(times))] for share in _SHARES), shared)


def scaled(times: RunTimes, size: float) -> RunTimes:
    """Multiply run times by a factor: seconds per byte by the bytes of a file."""
    return RunTimes(tuple([second * size for second in times.seconds]), times.shared)


def widely_spread(times: RunTimes) -> RunTimes:
    """Return run times around the same middle that may be off by a factor of ten."""
    middle = _middle(times)
    return RunTimes(tuple(middle * math.exp(_WIDE_SPREAD * at) for at in _NORMAL), times.shared)


def remaining_times(remaining: Estimate | None, elapsed: float) -> RunTimes:
    """Return the likely remaining times of a running job.

    Without an estimate, it may end soon or run several times as long as it has so far.
    """
    if remaining is None:
        elapsed = max(elapsed, 1.0)
        return RunTimes(tuple(elapsed * share / (1 - share) for share in _SHARES))
    low, middle, high = (
        min(max(seconds, _SHORTEST), _LONGEST)
        for seconds in (remaining.low, remaining.middle, remaining.high)
    )
    below = math.log(max(middle / low, 1.0)) / _ESTIMATE_DEVIATIONS
    above = math.log(max(high / middle, 1.0)) / _ESTIMATE_DEVIATIONS
    seconds = tuple(middle * math.exp(at * (below if at < 0 else above)) for at in _NORMAL)
    return RunTimes(seconds, _CHANGE)


def expected_times(
    running: Sequence[tuple[str, RunTimes]],
    queued: Sequence[tuple[str, RunTimes | None]],
    workers: int,
) -> list[ExpectedTimes]:
    """Return the expected times of queued jobs, given by ID and run times in the queue's order.

    The list ends after the first job without known run times, as those of the jobs after it depend
    on it.
    """
    idle = max(1, workers) - len(running)
    ends = [[*_drawn(job_id, times), _middle(times)] for job_id, times in running]
    # For each simulation, and last for the plan, the times at which the workers are free.
    free = [[0.0] * idle + list(at) for at in zip(*ends, strict=True)]
    free = free or [[0.0] * idle for _ in range(_DRAWS + 1)]
    for heap in free:
        heapify(heap)
    found = []
    for job_id, times in queued:
        starts = [heap[0] for heap in free]
        start = _range(starts)
        if times is None:
            found.append(ExpectedTimes(start, None, (starts[-1], starts[-1])))
            break
        takes = [*_drawn(job_id, times), _middle(times)]
        stops = [begin + seconds for begin, seconds in zip(starts, takes, strict=True)]
        for heap, end in zip(free, stops, strict=True):
            heapreplace(heap, end)
        found.append(ExpectedTimes(start, _range(stops), (starts[-1], stops[-1])))
    return found


def steady(now: ExpectedTimes, before: ExpectedTimes, passed: float) -> ExpectedTimes:
    """Return the ranges of `passed` seconds before, counted down, unless they have clearly changed.

    Each new percentage of a running job moves all starts a little, to and fro.
    """
    start = _counted_down(before.start, passed)
    end = None if before.end is None else _counted_down(before.end, passed)
    is_alike = _is_alike(now.start, start) and (
        now.end is None if end is None else now.end is not None and _is_alike(now.end, end)
    )
    return ExpectedTimes(start, end, now.planned) if is_alike else now


def _counted_down(estimate: Estimate, passed: float) -> Estimate:
    low, middle, high = (
        max(0.0, seconds - passed) for seconds in (estimate.low, estimate.middle, estimate.high)
    )
    return Estimate(low, middle, high, estimate.basis)


def _is_alike(one: Estimate, other: Estimate) -> bool:
    pairs = ((one.low, other.low), (one.middle, other.middle), (one.high, other.high))
    return all(
        abs(math.log((first + _NEGLIGIBLE) / (second + _NEGLIGIBLE))) < _ALIKE
        for first, second in pairs
    )


def workers_seen(counts: Sequence[Counts], running: int, now: datetime) -> int:
    """Return the most jobs that ran at once in the last 2 min in which others were queued.

    A worker that has stopped is not counted for longer; at least one is, and at most 64. `counts`
    are oldest first, and `running` is the number of jobs that run now.
    """
    most, seen, until = max(1, running), timedelta(), now
    for one in reversed(counts):
        if one.queued:
            most = max(most, one.running or 0)
            seen += min(until - one.at, COUNTS_GOOD_FOR)
            if seen >= _SEEN_FOR:
                break
        until = one.at
    return min(most, _MOST_WORKERS)


def _drawn(job_id: str, times: RunTimes) -> list[float]:
    """Return the run time of a job in each simulation."""
    drawn = [times.seconds[place] for place in _order(job_id)]
    if not times.shared:
        return drawn
    factors = _shared_factors(times.shared)
    return [seconds * factor for seconds, factor in zip(drawn, factors, strict=True)]


def _middle(times: RunTimes) -> float:
    return times.seconds[_DRAWS // 2]


def _range(drawn: Sequence[float]) -> Estimate:
    ascending = sorted(drawn[:-1])  # without the plan
    low, middle, high = (ascending[int(share * _DRAWS)] for share in _RANGE)
    return Estimate(low, middle, high, "")


@lru_cache(maxsize=512)
def _order(job_id: str) -> tuple[int, ...]:
    return tuple(Random(job_id).sample(range(_DRAWS), _DRAWS))  # noqa: S311 - not for security


@lru_cache(maxsize=64)
def _shared_factors(spread: float) -> tuple[float, ...]:
    return tuple(math.exp(spread * _NORMAL[place]) for place in _order(_SHARED))
