"""Run times by job type, with unusually long and short ones."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from vpo_monitor.history.records import JobRecord
from vpo_monitor.insight.formatting import duration, truncate
from vpo_monitor.insight.number_format import decimal
from vpo_monitor.plain_text import plain_line

MIN_JOBS = 5
"""Jobs; with fewer, quartiles would be misleading."""
OTHERS = "other types"
_MOST_TYPES = 8
_FENCE = 1.5
_SHORTEST = 0.1
"""Seconds; shorter times count as this long, because 0 has no logarithm."""
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
    """The completed jobs of one type with a known run time, shortest first.

    `quartiles` is None if there are too few jobs. `unusual` are the jobs outside the usual range.
    """

    job_type: str
    jobs: tuple[JobRecord, ...]
    median: float
    quartiles: Quartiles | None = None
    unusual: tuple[JobRecord, ...] = ()


def completed(records: Iterable[JobRecord]) -> list[JobRecord]:
    """Return the completed jobs; the run time of a failed one says nothing about its type."""
    return [record for record in records if record.status == "completed"]


def run_times(records: Iterable[JobRecord]) -> list[RunTimes]:
    """Return the run times of each type, the most frequent first.

    Types after the first eight are combined, because a server may invent any number of them.
    """
    by_type: dict[str, list[JobRecord]] = defaultdict(list)
    for record in completed(records):
        if record.run_seconds is not None:
            by_type[truncate(plain_line(record.job_type).strip()) or "no type"].append(record)
    ranked = sorted(by_type.items(), key=lambda item: (-len(item[1]), item[0]))
    if len(ranked) > _MOST_TYPES:
        rest = [record for _, jobs in ranked[_MOST_TYPES - 1 :] for record in jobs]
        ranked = [*ranked[: _MOST_TYPES - 1], (OTHERS, rest)]
    return [_of(job_type, jobs) for job_type, jobs in ranked]


def seconds(record: JobRecord) -> float:
    """Return the run time of a job as it is compared and drawn."""
    return max(record.run_seconds or 0.0, _SHORTEST)


def run_time_text(value: float | None) -> str:
    """Format a run time, with tenths if it is short."""
    if value is None or value >= _PRECISE_BELOW:
        return duration(value)
    return f"{decimal(value, 1)} s"


def _of(job_type: str, jobs: Sequence[JobRecord]) -> RunTimes:
    ordered = tuple(sorted(jobs, key=seconds))
    times = [seconds(job) for job in ordered]
    if len(times) < MIN_JOBS:
        middle = len(times) // 2
        median = (times[middle] + times[~middle]) / 2
        return RunTimes(job_type, ordered, median)
    lower, median, upper = quantiles(times, n=4, method="inclusive")
    # Logarithmic, because run times vary by factors: twice as long is as unusual as half as long.
    reach = _FENCE * math.log(upper / lower)
    usual = [time for time in times if abs(_beyond(time, lower, upper)) <= reach]
    found = Quartiles(usual[0], lower, median, upper, usual[-1])
    unusual = tuple(job for job in ordered if not usual[0] <= seconds(job) <= usual[-1])
    return RunTimes(job_type, ordered, median, found, unusual)


def _beyond(time: float, lower: float, upper: float) -> float:
    """Return how far, in logarithms, a time is below (negative) or above the quartiles."""
    return min(0.0, math.log(time / lower)) + max(0.0, math.log(time / upper))
