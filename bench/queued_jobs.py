"""Measure how good the expected starts of queued jobs are, on queues whose course is known."""

import json
import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from heapq import heapreplace
from pathlib import Path

from vpo_monitor.analysis.estimates.durations import (
    from_times,
    is_longer_than_similar,
    processed_runs,
)
from vpo_monitor.analysis.estimates.queue_starts import (
    MAX_JOBS,
    ExpectedTimes,
    RunTimes,
    expected_times,
    remaining_times,
)
from vpo_monitor.analysis.estimates.running_job import similar_jobs
from vpo_monitor.analysis.queue_forecast import queued_run_times
from vpo_monitor.api.models import ProcessedFile, RecentFiles
from vpo_monitor.history.records import FinishedRun, JobRecord

RECORDED_FILES = Path(__file__).parents[1] / "tests" / "data" / "recordings" / "stats_recent.json"
PLACES = {"next 5": range(5), "next 20": range(MAX_JOBS)}
_UNKNOWN = 0.5
_FAILED = 0.1
_SLOWER = 0.2
_QUICK = 0.5


@dataclass(frozen=True)
class StartScore:
    """How the expected starts of some places in the queue did; shares from 0 to 1.

    `held` is how often the true start lay in the range, `ends_held` the same for ends. `error` is
    the median error in seconds relative to the average run time, as is `baseline`: that of the jobs
    ahead × average run time, divided by the number of workers for `by_workers`. `width` is the
    median of a range's end relative to its begin.
    """

    held: float
    ends_held: float
    error: float
    baseline: float
    by_workers: float
    width: float
    told: float


@dataclass(frozen=True)
class _Kind:
    """A policy: seconds per byte, an overhead, and how much times scatter."""

    name: str
    pace: float
    scatter: float
    quick: float = 0.0

    def took(self, size: float, chance: random.Random) -> float:
        if chance.random() < self.quick:
            return chance.uniform(0.2, 2)  # the file needed no processing
        return chance.uniform(0, 3) + size * self.pace * chance.lognormvariate(0, self.scatter)


@dataclass
class _Known:
    """The finished jobs that the app knows, by policy."""

    runs: dict[str, list[FinishedRun]] = field(default_factory=dict)

    def finished_runs(self, _job_type: str, policy_name: str | None) -> list[FinishedRun]:
        return self.runs.get(policy_name or "", [])

    def run_times_of_type(self, _job_type: str) -> list[float]:
        return []  # as on a first visit, when only VPO's statistics are known

    @property
    def average(self) -> float:
        return statistics.fmean(run.seconds for runs in self.runs.values() for run in runs)


@dataclass(frozen=True)
class _Job:
    record: JobRecord
    seconds: float


@dataclass(frozen=True)
class Course:
    """A queue at one moment, and when its jobs truly start and end, in seconds from then.

    `running` are jobs with the seconds that they have run.
    """

    known: _Known
    workers: int
    running: Sequence[tuple[_Job, float]]
    queued: Sequence[_Job]
    starts: Sequence[float]
    ends: Sequence[float]


def course(
    chance: random.Random,
    *,
    unknown: float = 0.0,
    undetailed: float = 0.0,
    failed: float = 0.0,
    slower: float = 0.0,
    quick: float = 0.0,
    fewest: int = 8,
    most: int = 60,
) -> Course:
    """Films and episodes of one to four policies, at a moment at which 20 jobs are queued.

    Shares of the jobs have an unknown size or policy, or fail on the way; a share of the files
    needs no processing. Jobs from now on are slower or faster than those known, with a standard
    deviation of `slower`. `fewest` to `most` finished jobs are known of each policy.
    """
    kinds = [
        _Kind(f"policy {n}", math.exp(chance.uniform(-17, -14)), chance.uniform(0.1, 0.5), quick)
        for n in range(chance.randint(1, 4))
    ]
    known = _Known()
    for kind in kinds:
        number = round(math.exp(chance.uniform(math.log(fewest), math.log(most))))
        sizes = [_size(chance) for _ in range(number)]
        known.runs[kind.name] = [FinishedRun(kind.took(s, chance), round(s)) for s in sizes]
    change = chance.lognormvariate(0, slower)

    def job(number: int) -> _Job:
        kind, size = chance.choice(kinds), _size(chance)
        seconds = change * kind.took(size, chance)
        if chance.random() < failed:
            seconds *= chance.random()
        shown = None if chance.random() < unknown else round(size)
        policy = None if chance.random() < undetailed else kind.name
        record = JobRecord(f"job {number}", "process", policy_name=policy, size_bytes=shown)
        return _Job(record, seconds)

    return _at_some_moment(chance, known, [job(number) for number in range(60)])


def recorded_course(chance: random.Random) -> Course:
    """The recorded files in any order, some known and the others in the queue."""
    files = RecentFiles.read(json.loads(RECORDED_FILES.read_text(encoding="utf-8"))["body"]).rows
    policy = files[0].policy_name or ""
    runs = processed_runs(files, policy)
    chance.shuffle(runs)
    half = max(3, len(runs) // 2)
    jobs = [
        _Job(
            JobRecord(f"job {number}", "process", policy_name=policy, size_bytes=run.size_bytes),
            run.seconds,
        )
        for number, run in enumerate(chance.choices(runs[half:], k=60))
    ]
    return _at_some_moment(chance, _Known({policy: runs[:half]}), jobs)


def _at_some_moment(chance: random.Random, known: _Known, jobs: Sequence[_Job]) -> Course:
    workers = chance.randint(1, 3)
    free = [0.0] * workers
    starts, ends = [], []
    for job in jobs:
        starts.append(free[0])
        ends.append(free[0] + job.seconds)
        heapreplace(free, ends[-1])
    now = chance.uniform(starts[workers], starts[len(jobs) - MAX_JOBS])
    running = [
        (job, now - start)
        for job, start, end in zip(jobs, starts, ends, strict=True)
        if start <= now < end
    ]
    first = sum(start <= now for start in starts)
    return Course(
        known,
        workers,
        running,
        jobs[first : first + MAX_JOBS],
        [start - now for start in starts[first : first + MAX_JOBS]],
        [end - now for end in ends[first : first + MAX_JOBS]],
    )


def _size(chance: random.Random) -> float:
    return math.exp(chance.uniform(math.log(1e8), math.log(8e9)))


COURSES: dict[str, Callable[[random.Random], Course]] = {
    "sizes known": course,
    "half of the sizes unknown": partial(course, unknown=_UNKNOWN),
    "half of the policies unknown": partial(course, undetailed=_UNKNOWN),
    "no size known": partial(course, unknown=1.0),
    "3 to 8 finished jobs per policy": partial(course, fewest=3, most=8),
    "10 % fail on the way": partial(course, failed=_FAILED),
    "all ±20 % slower or faster than before": partial(course, slower=_SLOWER),
    "half of the files need no processing": partial(course, quick=_QUICK),
    "recorded files": recorded_course,
}


def forecast(at: Course) -> list[ExpectedTimes]:
    """What the app expects of the queue."""
    running: list[tuple[str, RunTimes]] = []
    for job, elapsed in at.running:
        similar = similar_jobs(job.record, at.known, ())
        remaining = None
        if not is_longer_than_similar(similar.seconds, elapsed):
            remaining = from_times(similar.seconds, elapsed, "")
        running.append((job.record.id, remaining_times(remaining, elapsed)))
    files = [
        ProcessedFile(
            policy_name=policy,
            size_before=run.size_bytes,
            duration_seconds=run.seconds,
            success=True,
        )
        for policy, runs in at.known.runs.items()
        for run in runs
    ]
    queued = queued_run_times([job.record for job in at.queued], at.known, files)
    return expected_times(running, queued, at.workers)


def start_scores(seed: int, number: int) -> dict[str, dict[str, StartScore]]:
    """The scores of each kind of queue and range of places, over so many queues of each kind."""
    table = {}
    for name, make in COURSES.items():
        chance = random.Random(seed)
        table[name] = score_of([make(chance) for _ in range(number)])
    return table


def score_of(courses: Sequence[Course]) -> dict[str, StartScore]:
    """Return the scores of each range of places."""
    told = [(one, forecast(one)) for one in courses]
    return {places: _score(told, within) for places, within in PLACES.items()}


def _score(told: Sequence[tuple[Course, Sequence[ExpectedTimes]]], within: range) -> StartScore:
    held, ends_held, errors, baselines, by_workers, widths = [], [], [], [], [], []
    wanted = 0
    for at, expected in told:
        average = at.known.average
        truly = statistics.fmean(job.seconds for job in at.queued)
        wanted += len(within)
        for place in list(within)[: len(expected)]:
            start, end, truth = expected[place].start, expected[place].end, at.starts[place]
            ahead = (place + len(at.running)) * average
            held.append(start.low <= truth <= start.high)
            if end is not None:
                ends_held.append(end.low <= at.ends[place] <= end.high)
            errors.append(abs(start.middle - truth) / truly)
            baselines.append(abs(ahead - truth) / truly)
            by_workers.append(abs(ahead / at.workers - truth) / truly)
            widths.append(start.high / max(start.low, 0.1))
    return StartScore(
        statistics.fmean(held),
        statistics.fmean(ends_held),
        statistics.median(errors),
        statistics.median(baselines),
        statistics.median(by_workers),
        statistics.median(widths),
        len(held) / wanted,
    )


def print_start_scores(seed: int, number: int) -> None:
    """Print the table."""
    print(
        "| Queue | Start in range, next 5 / 20 | End in range | Error, in average run times |"
        " Jobs ahead × average | … ÷ workers | Width | Told |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, by_places in start_scores(seed, number).items():
        row = list(by_places.values())
        cells = (
            " / ".join(f"{score.held:.0%}" for score in row),
            " / ".join(f"{score.ends_held:.0%}" for score in row),
            " / ".join(f"{score.error:.2f}" for score in row),
            " / ".join(f"{score.baseline:.2f}" for score in row),
            " / ".join(f"{score.by_workers:.2f}" for score in row),
            " / ".join(f"{score.width:.1f}" for score in row),
            " / ".join(f"{score.told:.0%}" for score in row),
        )
        print(f"| {name} | {' | '.join(cells)} |")
