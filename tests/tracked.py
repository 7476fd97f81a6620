"""A tracker that has seen given jobs."""

from collections.abc import Iterable

from vpo_monitor.api.models import Job, JobDetail, JobPage
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries


def tracker_of(records: Iterable[JobRecord]) -> JobTracker:
    """Each job gets an id of its own."""
    jobs = tuple(_seen(f"{number} {one.id}", one) for number, one in enumerate(records))
    tracker = JobTracker(Store(None), "http://vpo", most_jobs=100_000)
    tracker.ingest(queries.jobs(), JobPage(rows=jobs, total=len(jobs)), 0.0, 0.0)
    return tracker


def _seen(job_id: str, record: JobRecord) -> Job:
    listed = Job(
        id=job_id,
        job_type=record.job_type,
        status=record.status,
        file_path=record.file_path,
        created_at=record.created_at,
        completed_at=record.completed_at,
    )
    if not record.has_detail and record.started_at is None:
        return listed
    return JobDetail(
        **vars(listed),
        started_at=record.started_at,
        policy_name=record.policy_name,
        error_message=record.error,
    )
