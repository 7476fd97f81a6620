"""Read and analyze running jobs: progress, remaining time and possible problem."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol

from vpo_monitor.analysis import progress
from vpo_monitor.analysis.estimates.durations import (
    MIN_SAMPLES,
    Estimate,
    from_times,
    is_longer_than_similar,
    processed_runs,
    seconds_per_byte,
    typical_duration,
)
from vpo_monitor.analysis.estimates.problems import Problem, find_problem, time_without_worker
from vpo_monitor.analysis.estimates.progress_eta import Sample, from_progress
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.models import Job, JobDetail, ProcessedFile
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import FinishedRun, JobRecord, Percent
from vpo_monitor.polling import queries

_SPEED_POINTS = 24
_PROCESSING_TYPES = ("process", "transcode")
"""Types of jobs whose files VPO lists among the processed files."""
_OF_POLICY, _ALIKE = "files with this policy", "similar jobs"
_MINUTE = 60.0
_RECENT = queries.stats_recent(limit=100)
_RECENT_MAX_AGE = 300.0
_RECENT_AT_MOST_EVERY = 60.0
"""Seconds, however many jobs finish."""


@dataclass(frozen=True)
class SimilarJobs:
    """Run times of similar finished jobs in seconds, with a description of the similarity."""

    seconds: tuple[float, ...]
    basis: str


@dataclass(frozen=True)
class SimilarRuns:
    """The finished jobs that predict a job best, and what they are.

    `seconds` are their run times or, if `are_paces`, their seconds per byte of the file.
    """

    seconds: tuple[float, ...]
    description: str
    are_paces: bool = False


class FinishedRuns(Protocol):
    """The finished jobs that a tracker knows."""

    def finished_runs(self, job_type: str, policy_name: str | None) -> list[FinishedRun]:
        """Return the last completed jobs of a type and policy."""

    def run_times_of_type(self, job_type: str) -> list[float]:
        """Return the run times in seconds of the last completed jobs of a type."""


@dataclass(frozen=True)
class RunningJob:
    """An analyzed running job. `elapsed` is seconds since the start, None if unknown.

    `remaining` is the estimate of the remaining seconds, `usual` that of the total for such jobs;
    None if unknown. `counted` is the number of items done and in total, if VPO reports it. `speeds`
    are percent per minute, in equal time steps up to now.
    """

    job: Job
    record: JobRecord
    kind: progress.Progress
    percent: float | None
    counted: tuple[int, int] | None
    elapsed: float | None
    remaining: Estimate | None
    similar: SimilarJobs
    usual: Estimate | None
    problem: Problem | None
    speeds: tuple[float, ...]


@dataclass(frozen=True)
class EstimateInputs:
    """What the estimates of all running jobs share.

    `files` are the processed files with the sizes and times that VPO reports. The server has had no
    worker for `without_worker`. A percentage unchanged for `stalled_after` is suspicious.
    """

    files: Sequence[ProcessedFile]
    without_worker: timedelta
    stalled_after: timedelta


def running_job(
    job: Job,
    tracker: JobTracker,
    inputs: EstimateInputs,
    now: datetime,
    detail: JobDetail | None = None,
) -> RunningJob:
    """Analyze a running job at `now`, UTC by the server's clock; `detail` is None if unknown."""
    record = tracker.record(job.id) or JobRecord(job.id, job.job_type, job.status, job.file_path)
    percents = _of_this_attempt(tracker.percents(job.id))
    started = record.started_at
    elapsed = None if started is None else max(0.0, (now - started).total_seconds())
    similar = similar_jobs(record, tracker, inputs.files)
    samples = [Sample(one.at.timestamp(), one.percent) for one in percents]
    kind = progress.kind_of(job)
    remaining = None
    if kind is progress.Progress.MEASURED:
        remaining = from_progress(samples, now.timestamp())
    # Past the longest similar job, an estimate would contradict what such jobs usually take.
    is_comparable = elapsed is not None and not is_longer_than_similar(similar.seconds, elapsed)
    if remaining is None and elapsed is not None and is_comparable:
        remaining = from_times(similar.seconds, elapsed, similar.basis)
    return RunningJob(
        job=job,
        record=record,
        kind=kind,
        percent=progress.percent(job),
        counted=progress.counted(detail.summary_raw) if detail else None,
        elapsed=elapsed,
        remaining=remaining,
        similar=similar,
        usual=typical_duration(similar.seconds),
        problem=find_problem(
            percents=percents,
            elapsed=elapsed,
            similar=similar.seconds,
            without_worker=inputs.without_worker,
            stalled_after=inputs.stalled_after,
            now=now,
        ),
        speeds=speeds(percents, now),
    )


def find_stall(
    record: JobRecord,
    tracker: JobTracker,
    without_worker: timedelta,
    stalled_after: timedelta,
    now: datetime,
) -> Problem | None:
    """Return why a running job is possibly stalled or abandoned at `now`; None if it is not."""
    started = record.started_at
    return find_problem(
        percents=_of_this_attempt(tracker.percents(record.id)),
        elapsed=None if started is None else max(0.0, (now - started).total_seconds()),
        similar=(),
        without_worker=without_worker,
        stalled_after=stalled_after,
        now=now,
    )


def similar_jobs(
    record: JobRecord, tracker: FinishedRuns, files: Sequence[ProcessedFile]
) -> SimilarJobs:
    """Return the run times of the jobs that `similar_runs` finds, scaled to this job's size."""
    runs = similar_runs(record, tracker, files)
    if not runs.are_paces:
        return SimilarJobs(runs.seconds, f"from {runs.description}")
    size = record.size_bytes or 0
    seconds = tuple(pace * size for pace in runs.seconds)
    return SimilarJobs(seconds, f"from its file size and {runs.description}")


def similar_runs(
    record: JobRecord, tracker: FinishedRuns, files: Sequence[ProcessedFile]
) -> SimilarRuns:
    """Return the finished jobs that predict this one best.

    If the file size is known, these are the files of its policy or jobs of its type and policy, as
    run time is nearly proportional to size; else such jobs and files of any size, of which the
    files are known before any job was watched; else jobs of its type. Of the record, only type,
    policy and whether the size is known matter.
    """
    watched = tracker.finished_runs(record.job_type, record.policy_name)
    processed: list[FinishedRun] = []
    if record.policy_name and processes_a_file(record):
        processed = processed_runs(files, record.policy_name)
    if record.size_bytes:
        for runs, of in ((processed, _OF_POLICY), (watched, _ALIKE)):
            paces = tuple(seconds_per_byte(runs))
            if len(paces) >= MIN_SAMPLES:
                return SimilarRuns(paces, f"{count(len(paces))} {of}", are_paces=True)
    for runs, of in ((watched, _ALIKE), (processed, _OF_POLICY)):
        if len(runs) >= MIN_SAMPLES:
            return SimilarRuns(tuple(run.seconds for run in runs), f"{count(len(runs))} {of}")
    of_type = tracker.run_times_of_type(record.job_type)
    return SimilarRuns(tuple(of_type), f"{count(len(of_type))} jobs of this type")


def runs_with_any_policy(record: JobRecord, files: Sequence[ProcessedFile]) -> SimilarRuns:
    """Return the files that VPO processed with any policy, for a job without similar ones."""
    runs = processed_runs(files)
    description = f"{count(len(runs))} files with any policy"
    if record.size_bytes and processes_a_file(record):
        return SimilarRuns(tuple(seconds_per_byte(runs)), description, are_paces=True)
    return SimilarRuns(tuple(run.seconds for run in runs), description)


def processes_a_file(record: JobRecord) -> bool:
    """Whether VPO lists the job's file among the processed ones."""
    return record.job_type in _PROCESSING_TYPES


def speeds(percents: Sequence[Percent], now: datetime) -> tuple[float, ...]:
    """Return the speed of the progress in percent per minute, in equal time steps up to now.

    None until the percentage has changed twice.
    """
    if len(percents) < 2:  # noqa: PLR2004 - a speed needs two points
        return ()
    times = [one.at.timestamp() for one in percents]
    step = (now.timestamp() - times[0]) / _SPEED_POINTS
    if step <= 0:
        return ()
    moments = (times[0] + step * number for number in range(_SPEED_POINTS + 1))
    reached = [_percent_at(percents, times, moment) for moment in moments]
    return tuple(
        round(max(0.0, after - before) / step * _MINUTE, 3) for before, after in pairwise(reached)
    )


def _percent_at(percents: Sequence[Percent], times: Sequence[float], moment: float) -> float:
    """Interpolate the percentage at a time between changes."""
    place = bisect_right(times, moment)
    if place == len(times):
        return percents[-1].percent
    before, after = percents[place - 1].percent, percents[place].percent
    share = (moment - times[place - 1]) / (times[place] - times[place - 1])
    return before + share * (after - before)


def _of_this_attempt(percents: Sequence[Percent]) -> list[Percent]:
    """Return the changes since the percentage last fell, as a requeued job starts over."""
    first = 0
    for number in range(1, len(percents)):
        if percents[number].percent < percents[number - 1].percent:
            first = number
    return list(percents[first:])


def request_recent_files(reader: Reader) -> None:
    """Request the recently processed files; call it once per render, before the functions below."""
    finished_at = min(reader.finished_at, reader.now() - _RECENT_AT_MOST_EVERY)
    reader.peek(_RECENT, _RECENT_MAX_AGE, newer_than=finished_at)


def estimate_inputs(reader: Reader, tracker: JobTracker, stalled_after: float) -> EstimateInputs:
    """Return the shared inputs of this render; `stalled_after` is in seconds."""
    recent = reader.data_of(_RECENT)
    health_at = reader.as_of(reader.health.fetched_at)
    return EstimateInputs(
        files=recent.rows if recent else (),
        without_worker=time_without_worker(tracker.counts(), health_at, tracker.counts_good_for),
        stalled_after=timedelta(seconds=stalled_after),
    )


def read_detail(
    reader: Reader, tracker: JobTracker, job_id: str, stalled_after: float
) -> RunningJob | None:
    """Analyze a job whose detail this render has read; None if it is not running."""
    snapshot = reader.snapshot_of(queries.job(job_id))
    if snapshot is None or snapshot.data is None or snapshot.data.status != "running":
        return None
    job, inputs = snapshot.data, estimate_inputs(reader, tracker, stalled_after)
    return running_job(job, tracker, inputs, reader.as_of(snapshot.fetched_at), job)
