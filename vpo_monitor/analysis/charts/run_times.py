"""Run times by job type, with unusually long and short ones."""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from statistics import median, quantiles

from vpo_monitor.analysis.formatting import duration, truncate
from vpo_monitor.analysis.number_format import decimal
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord
from vpo_monitor.plain_text import plain_line

MIN_JOBS = 5
"""Jobs; with fewer, quartiles would be misleading."""
OTHERS = "other types"
_MOST_TYPES = 8
_FENCE = 1.5
_SHORTEST = 0.1
"""Seconds; shorter times count as this long, because 0 has no logarithm."""
_ROUNDING = 0.5
"""Milliseconds."""
_PRECISE_BELOW = 10


@dataclass(frozen=True)
class Quartiles:
    """Quartiles in seconds, and the range outside of which a job is unusual."""

    low: float
    lower_quartile: float
    median: float
    upper_quartile: float
    high: float


@dataclass(frozen=True)
class RunTimes:
    """The run times in seconds of the `count` completed jobs of one type.

    `quartiles` is None if there are too few jobs. `apart` are the jobs to show one by one, shortest
    first: those outside the usual range, or all if there are too few for a range.
    """

    job_type: str
    count: int
    shortest: float
    median: float
    longest: float
    quartiles: Quartiles | None
    apart: tuple[JobRecord, ...]

    @property
    def unusual(self) -> tuple[JobRecord, ...]:
        """The jobs outside the usual range."""
        return self.apart if self.quartiles else ()


def run_times(tracker: JobTracker, since: datetime | None) -> list[RunTimes]:
    """Return the run times of each type, the most frequent first.

    Only completed jobs count: the run time of a failed one says nothing about its type. Types after
    the first eight are combined, because a server may invent any number of them.
    """
    by_label: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    for job_type, times in tracker.completed_run_times(since).items():
        label = truncate(plain_line(job_type).strip()) or "no type"
        by_label[label][job_type] = times
    ranked = sorted(by_label.items(), key=lambda item: (-sum(map(len, item[1].values())), item[0]))
    if len(ranked) > _MOST_TYPES:
        rest = {
            name: times for _, types in ranked[_MOST_TYPES - 1 :] for name, times in types.items()
        }
        ranked = [*ranked[: _MOST_TYPES - 1], (OTHERS, rest)]
    return [_of(tracker, since, label, types) for label, types in ranked]


def seconds(record: JobRecord) -> float:
    """Return the run time of a job as it is compared and drawn."""
    return comparable(record.run_seconds or 0.0)


def comparable(run_seconds: float) -> float:
    """Return a run time that has a logarithm."""
    return max(run_seconds, _SHORTEST)


def run_time_text(value: float | None) -> str:
    """Format a run time, with tenths if it is short."""
    if value is None or value >= _PRECISE_BELOW:
        return duration(value)
    return f"{decimal(value, 1)} s"


def _of(
    tracker: JobTracker, since: datetime | None, label: str, types: Mapping[str, Iterable[int]]
) -> RunTimes:
    times = sorted(chain.from_iterable(types.values()))
    count, shortest, longest = len(times), times[0] / 1000, times[-1] / 1000
    short = bisect_left(times, 1000 * _SHORTEST)
    times[:short] = [round(1000 * _SHORTEST)] * short
    if count < MIN_JOBS:
        every = tracker.completed_outside(types, since, math.inf, math.inf)
        middle = median(times) / 1000
        return RunTimes(label, count, shortest, middle, longest, None, tuple(every))
    lower, middle, upper = quantiles(times, n=4, method="inclusive")
    # By factors, because run times vary by them: twice as long is as unusual as half as long.
    factor = (upper / lower) ** _FENCE
    low = times[bisect_left(times, lower / factor)]
    high = times[bisect_right(times, upper * factor) - 1]
    below = (low - _ROUNDING) / 1000 if low > 1000 * _SHORTEST else 0.0
    apart = tracker.completed_outside(types, since, below, (high + _ROUNDING) / 1000)
    box = Quartiles(*(time / 1000 for time in (low, lower, middle, upper, high)))
    return RunTimes(label, count, shortest, box.median, longest, box, tuple(apart))
