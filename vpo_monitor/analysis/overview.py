"""Read and analyze the data of the overview page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.estimates.queue import estimate_queue
from vpo_monitor.analysis.estimates.running_job import (
    RunningJob,
    estimate_inputs,
    request_recent_files,
    running_job,
)
from vpo_monitor.analysis.queue_forecast import QueueForecast, forecast_queue
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.models import Job, JobPage, PlanPage, StatsSummary
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.polling import queries
from vpo_monitor.polling.queries import COMPLETED, FAILED, RUNNING
from vpo_monitor.polling.snapshot import Snapshot

_LIST_MAX_AGE = 30.0
"""Seconds; a list that seldom changes is also requested whenever the health's counts change."""
_DETAIL_MAX_AGE = 60.0
_STATS_MAX_AGE = 300.0
_PLANS_MAX_AGE = 60.0
_RUNNING_DETAILS = 6
"""Running jobs whose details are refreshed; others are fetched once, from spare budget."""
_SHOWN_FAILURES = 6
_EVER = datetime.min.replace(tzinfo=UTC)
_QUEUED = queries.jobs(status="queued", sort="created_at", order="asc", limit=100)
_ANY = queries.jobs(limit=1)


@dataclass(frozen=True)
class Overview:
    """The data of the overview page.

    `queue_eta` estimates when all running and queued jobs will have finished. `is_empty` is true if
    the server is known to have no jobs of any status.
    """

    running: Snapshot[JobPage]
    queued: Snapshot[JobPage]
    failed: Snapshot[JobPage]
    latest_failures: list[Job]
    running_jobs: list[RunningJob]
    forecast: QueueForecast
    queue_eta: Estimate | None
    summary: StatsSummary | None
    plans: PlanPage | None
    is_empty: bool


def read_overview(reader: Reader, tracker: JobTracker, stalled_after: float) -> Overview:
    """Read the overview's data; a job without progress for `stalled_after` seconds is stalled.

    To redraw the page when estimates change by time alone, the caller tracks them.
    """
    reader.track(lambda _reader: tracker.revision)
    running_since, queued_since = map(reader.changed_at, ("jobs_running", "jobs_queued"))
    running = reader.read(RUNNING, newer_than=running_since, is_timeless=True)
    queued = reader.read(_QUEUED, _LIST_MAX_AGE, newer_than=queued_since, is_timeless=True)
    failed = reader.read(FAILED, _LIST_MAX_AGE, newer_than=reader.changed_at("recent_errors"))
    completed = reader.peek(COMPLETED, _LIST_MAX_AGE, newer_than=reader.finished_at)
    latest = latest_failures(failed.data.rows if failed.data else ())
    for job in latest:  # their errors are visible, so they are read regardless of the spare budget
        record = tracker.record(job.id)
        if record is None or not record.has_detail:
            reader.peek(queries.job(job.id))
    running_jobs = read_running(reader, tracker, running, stalled_after)
    queue_eta = None
    if queued.data is not None and (queued.data.total or running_jobs):
        queue_eta = estimate_queue(
            queued.data.total,
            ended_spans(completed.data, failed.data),
            reader.as_of(queued.fetched_at),
            [job.remaining for job in running_jobs],
            waiting_since=min(
                (job.created_at for job in queued.data.rows if job.created_at), default=None
            ),
        )
    return Overview(
        running=running,
        queued=queued,
        failed=failed,
        latest_failures=latest,
        running_jobs=running_jobs,
        forecast=_forecast(reader, tracker, running_jobs, running, queued, stalled_after),
        queue_eta=queue_eta,
        summary=reader.peek(
            queries.stats_summary(since="30d"), _STATS_MAX_AGE, newer_than=reader.finished_at
        ).data,
        plans=reader.peek(queries.plans_waiting(), _PLANS_MAX_AGE).data,
        is_empty=_is_empty(reader, running, queued, failed, completed),
    )


def read_queue(reader: Reader, tracker: JobTracker, stalled_after: float) -> QueueForecast:
    """Read the queue for a page that shows only some of its jobs, and forecast it.

    To redraw the page for what it shows alone, the caller tracks that.
    """
    changed = reader.changed_at("jobs_running", "jobs_queued")
    running, queued = (
        reader.read(query, _LIST_MAX_AGE, newer_than=changed, part=_nothing)
        for query in (RUNNING, _QUEUED)
    )
    running_jobs = read_running(reader, tracker, running, stalled_after)
    return _forecast(reader, tracker, running_jobs, running, queued, stalled_after)


def ended_spans(*pages: JobPage | None) -> list[tuple[datetime, datetime]]:
    """Return creation and end of the finished jobs in these lists."""
    return [
        (job.created_at, job.completed_at)
        for page in pages
        for job in (page.rows if page else ())
        if job.created_at and job.completed_at
    ]


def _nothing(_page: JobPage) -> None:
    """Depend on no part of a list."""


def _forecast(
    reader: Reader,
    tracker: JobTracker,
    running_jobs: Sequence[RunningJob],
    running: Snapshot[JobPage],
    queued: Snapshot[JobPage],
    stalled_after: float,
) -> QueueForecast:
    inputs = estimate_inputs(reader, tracker, stalled_after)
    now = reader.as_of(running.fetched_at)
    fetched_at = (running.fetched_at, queued.fetched_at)
    return forecast_queue(tracker, running_jobs, queued.data, inputs, now, fetched_at)


def _is_empty(reader: Reader, *lists: Snapshot[JobPage]) -> bool:
    """Whether the server has no jobs at all; requested only if all of these lists are empty."""
    if any(one.data is None or one.data.total for one in lists):
        return False
    every = reader.peek(_ANY, _LIST_MAX_AGE, newer_than=reader.changed_at("jobs_running")).data
    return every is not None and not every.total


def read_running(
    reader: Reader, tracker: JobTracker, running: Snapshot[JobPage], stalled_after: float
) -> list[RunningJob]:
    """Analyze each running job, the longest running first."""
    request_recent_files(reader)
    inputs = estimate_inputs(reader, tracker, stalled_after)
    jobs = []
    for place, job in enumerate(running.data.rows if running.data else ()):
        record = tracker.record(job.id)
        if record is not None and record.status != job.status:
            continue  # a newer response shows that it is no longer running
        is_known = record is not None and record.has_detail
        detail = None
        if place < _RUNNING_DETAILS:
            detail = reader.peek(queries.job(job.id), _DETAIL_MAX_AGE if is_known else None).data
        now = reader.as_of(running.fetched_at)
        jobs.append(running_job(job, tracker, inputs, now, detail))
    return sorted(jobs, key=lambda one: -(one.elapsed or 0.0))


def latest_failures(jobs: Sequence[Job]) -> list[Job]:
    """Return the displayed failures, latest first."""
    return sorted(jobs, key=lambda job: job.completed_at or job.created_at or _EVER, reverse=True)[
        :_SHOWN_FAILURES
    ]
