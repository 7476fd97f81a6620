"""Reads what is needed to think about a running job."""

from collections.abc import Sequence
from datetime import timedelta

from vpo_monitor.api.models import Job, JobDetail, ProcessedFile
from vpo_monitor.insight.outlook.running import RunningJob, running_job
from vpo_monitor.insight.outlook.trouble import without_worker_for
from vpo_monitor.insight.reader import Reader
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.polling import queries
from vpo_monitor.polling.background import in_background

_STATS_MAX_AGE = 300.0


def processed_files(reader: Reader) -> tuple[ProcessedFile, ...]:
    """The files that VPO processed last, with their sizes and times."""
    recent = reader.peek(in_background(queries.stats_recent(limit=100)), _STATS_MAX_AGE).data
    return tuple(recent.rows) if recent else ()


def read_running_job(
    reader: Reader,
    watch: Watch,
    job: Job,
    files: Sequence[ProcessedFile],
    fetched_at: float | None,
    stalled_after: float,
    *,
    detail: JobDetail | None,
) -> RunningJob:
    """What can be said of a running job as an answer fetched then showed it.

    A percent that rests for `stalled_after` seconds is suspect.
    """
    health_at = reader.as_of(reader.health.fetched_at)
    return running_job(
        job,
        watch,
        files,
        now=reader.as_of(fetched_at),
        without_worker=without_worker_for(watch.counts(), health_at),
        stalled_after=timedelta(seconds=stalled_after),
        detail=detail,
    )


def read_detail(
    reader: Reader, watch: Watch, job: JobDetail, fetched_at: float | None, stalled_after: float
) -> RunningJob | None:
    """What can be said of the one job of a page; None where it does not run."""
    if job.status != "running":
        return None
    files = processed_files(reader)
    return read_running_job(reader, watch, job, files, fetched_at, stalled_after, detail=job)
