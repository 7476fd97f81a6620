"""Analyze a running job: its progress, its remaining time and its problem."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from vpo_monitor.api.models import Job, JobDetail, ProcessedFile
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord, Percent
from vpo_monitor.insight import progress
from vpo_monitor.insight.estimates import eta
from vpo_monitor.insight.estimates.eta import Estimate, Sample
from vpo_monitor.insight.estimates.problems import Problem, find_problem
from vpo_monitor.insight.number_format import count

_SPEED_POINTS = 24
_PROCESSING_TYPES = ("process", "transcode")
"""Types of jobs whose files VPO lists among the processed files."""
_MINUTE = 60.0


@dataclass(frozen=True)
class SimilarJobs:
    """Run times of similar finished jobs in seconds, with a description of the similarity."""

    seconds: tuple[float, ...]
    basis: str


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


def running_job(
    job: Job,
    tracker: JobTracker,
    files: Sequence[ProcessedFile],
    *,
    now: datetime,
    without_worker: timedelta,
    stalled_after: timedelta,
    detail: JobDetail | None = None,
) -> RunningJob:
    """Analyze a running job at `now`, UTC by the server's clock.

    `files` are the processed files with the sizes and times that VPO reports. `detail` is the job's
    detail, if known.
    """
    record = tracker.record(job.id) or JobRecord(job.id, job.job_type, job.status, job.file_path)
    percents = _of_this_attempt(tracker.percents(job.id))
    started = record.started_at
    elapsed = None if started is None else max(0.0, (now - started).total_seconds())
    similar = similar_jobs(record, tracker, files)
    samples = [Sample(one.at.timestamp(), one.percent) for one in percents]
    kind = progress.kind_of(job)
    remaining = None
    if kind is progress.Progress.MEASURED:
        remaining = eta.from_progress(samples, now.timestamp())
    # Past the longest similar job, an estimate would contradict what such jobs usually take.
    is_comparable = elapsed is not None and not eta.is_longer_than_similar(similar.seconds, elapsed)
    if remaining is None and elapsed is not None and is_comparable:
        remaining = eta.from_times(similar.seconds, elapsed, similar.basis)
    return RunningJob(
        job=job,
        record=record,
        kind=kind,
        percent=progress.percent(job),
        counted=progress.counted(detail.summary_raw) if detail else None,
        elapsed=elapsed,
        remaining=remaining,
        similar=similar,
        usual=eta.typical_duration(similar.seconds),
        problem=find_problem(
            percents=percents,
            elapsed=elapsed,
            similar=similar.seconds,
            without_worker=without_worker,
            stalled_after=stalled_after,
            now=now,
        ),
        speeds=speeds(percents, now),
    )


def similar_jobs(
    record: JobRecord, tracker: JobTracker, files: Sequence[ProcessedFile]
) -> SimilarJobs:
    """Return the finished jobs that predict this one best.

    If the file size is known, these are the files of its policy, as run time is nearly proportional
    to size; else jobs of its type and policy; else files of its policy of any size, which are known
    before any job was watched; else jobs of its type.
    """
    if record.size_bytes and record.policy_name:
        paces = eta.seconds_per_byte(files, record.policy_name)
        if len(paces) >= eta.MIN_SAMPLES:
            seconds = tuple(pace * record.size_bytes for pace in paces)
            return SimilarJobs(
                seconds, f"from its file size and {count(len(paces))} files with this policy"
            )
    alike = tracker.run_times(record.job_type, record.policy_name)
    if len(alike) >= eta.MIN_SAMPLES:
        return SimilarJobs(tuple(alike), f"from {count(len(alike))} similar jobs")
    if record.policy_name and record.job_type in _PROCESSING_TYPES:
        durations = eta.processing_seconds(files, record.policy_name)
        if len(durations) >= eta.MIN_SAMPLES:
            basis = f"from {count(len(durations))} files with this policy"
            return SimilarJobs(tuple(durations), basis)
    of_type = tracker.run_times_of_type(record.job_type)
    return SimilarJobs(tuple(of_type), f"from {count(len(of_type))} jobs of this type")


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
