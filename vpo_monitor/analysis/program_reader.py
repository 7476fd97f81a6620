"""What is read of a server for other programs, which ask for all of it at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from vpo_monitor.analysis.estimates.running_job import (
    RunningJob,
    estimate_inputs,
    request_recent_files,
    running_job,
)
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.api.models import JobPage
from vpo_monitor.config import PollingConfig
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import COMPLETED, FAILED, RUNNING
from vpo_monitor.polling.snapshot import Snapshot

MAX_AGE = 60.0
"""Seconds; newer data is not requested, so that programs cost VPO hardly anything."""
_SELDOM = 300.0
"""Seconds; what changes with a count is also requested whenever that changes."""
_MOST_DETAILS = 6


@dataclass(frozen=True)
class KnownServer:
    """What is known of a server at one time."""

    reader: Reader
    tracker: JobTracker
    running: Snapshot[JobPage]
    completed: Snapshot[JobPage]
    failed: Snapshot[JobPage]
    running_jobs: list[RunningJob]


def read_for_programs(
    poller: Poller,
    tracker: JobTracker,
    memory: ReaderMemory,
    stalled_after: float,
    *,
    is_polling: bool,
    utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> KnownServer:
    """Return what is known, and request what is older than a minute.

    Pages and the watch request newer data, so that nothing is requested here while they do. Each
    response is waited for as a page does. While polling is off, data is requested once only.
    """
    polling = PollingConfig(interval=MAX_AGE, log_interval=MAX_AGE, enabled=is_polling)
    reader = Reader(poller, polling, memory, utcnow=utcnow)
    running = reader.read(RUNNING, newer_than=reader.changed_at("jobs_running"))
    failed = reader.peek(FAILED, _SELDOM, newer_than=reader.changed_at("recent_errors"))
    completed = reader.peek(COMPLETED, _SELDOM, newer_than=reader.finished_at)
    listed = running.data.rows if running.data else ()
    if listed:
        request_recent_files(reader)
    for record in _without_details(tracker):
        reader.peek(queries.job(record.id))
    inputs = estimate_inputs(reader, tracker, stalled_after)
    records = tracker.records_of([job.id for job in listed])
    # A newer response may show that a job is no longer running.
    current = [
        job for job in listed if job.id not in records or records[job.id].status == job.status
    ]
    now = reader.as_of(running.fetched_at)
    jobs = [running_job(job, tracker, inputs, now) for job in current]
    jobs.sort(key=lambda one: -(one.elapsed or 0.0))
    return KnownServer(reader, tracker, running, completed, failed, jobs)


def _without_details(tracker: JobTracker) -> list[JobRecord]:
    """Return the running jobs and the last failures whose details are needed, at most six."""
    jobs = (*tracker.running(), *tracker.last_failed(_MOST_DETAILS))
    return [record for record in jobs if not record.has_detail][:_MOST_DETAILS]
