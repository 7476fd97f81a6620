"""Read the data needed to analyze running jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from vpo_monitor.api.models import Job, JobDetail, ProcessedFile
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.insight.estimates.estimate_text import basis_text, remaining_range, remaining_text
from vpo_monitor.insight.estimates.problem_text import problem_text
from vpo_monitor.insight.estimates.problems import time_without_worker
from vpo_monitor.insight.estimates.running_job import RunningJob, running_job
from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling import queries

_STATS_MAX_AGE = 300.0
_RECENT = queries.stats_recent(limit=100)


@dataclass(frozen=True)
class EstimateInputs:
    """The inputs that all running jobs of one render share.

    A percentage unchanged for `stalled_after` is suspicious.
    """

    files: Sequence[ProcessedFile]
    without_worker: timedelta
    stalled_after: timedelta


def request_recent_files(reader: Reader) -> None:
    """Request the recently processed files; call it once per render, before the functions below."""
    reader.peek(_RECENT, _STATS_MAX_AGE, newer_than=reader.finished_at)


def estimate_inputs(reader: Reader, tracker: JobTracker, stalled_after: float) -> EstimateInputs:
    """Return the shared inputs of this render; `stalled_after` is in seconds."""
    recent = reader.data_of(_RECENT)
    health_at = reader.as_of(reader.health.fetched_at)
    return EstimateInputs(
        files=recent.rows if recent else (),
        without_worker=time_without_worker(tracker.counts(), health_at),
        stalled_after=timedelta(seconds=stalled_after),
    )


def read_running_job(
    reader: Reader,
    tracker: JobTracker,
    job: Job,
    inputs: EstimateInputs,
    fetched_at: float | None,
    *,
    detail: JobDetail | None,
) -> RunningJob:
    """Analyze a running job as of the response that contained it."""
    return running_job(
        job,
        tracker,
        inputs.files,
        now=reader.as_of(fetched_at),
        without_worker=inputs.without_worker,
        stalled_after=inputs.stalled_after,
        detail=detail,
    )


def read_detail(
    reader: Reader, tracker: JobTracker, job_id: str, stalled_after: float
) -> RunningJob | None:
    """Analyze a job whose detail this render has read; None if it is not running."""
    snapshot = reader.snapshot_of(queries.job(job_id))
    if snapshot is None or snapshot.data is None or snapshot.data.status != "running":
        return None
    job, inputs = snapshot.data, estimate_inputs(reader, tracker, stalled_after)
    return read_running_job(reader, tracker, job, inputs, snapshot.fetched_at, detail=job)


def visible_estimate(running: RunningJob | None) -> object:
    """Return the displayed values that change with time alone, rounded as displayed."""
    if running is None:
        return None
    remaining = running.remaining
    words = None if remaining is None else (remaining_text(remaining), remaining_range(remaining))
    return (words, basis_text(running), problem_text(running.problem))
