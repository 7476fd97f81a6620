"""The state of each server for other programs: what `/api/summary` returns."""

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from vpo_monitor.analysis.connection import Connection, report
from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.estimates.problems import ProblemKind
from vpo_monitor.analysis.estimates.queue import estimate_queue
from vpo_monitor.analysis.estimates.running_job import RunningJob
from vpo_monitor.analysis.formatting import display_name
from vpo_monitor.analysis.overview import ended_spans
from vpo_monitor.analysis.program_reader import KnownServer
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=3650)
"""Beyond that, an estimate says nothing."""
_NEXT_QUEUED = 20
_LONGEST_ERROR = 500

STATES = tuple(
    one.name.lower() for one in Connection if one not in (Connection.FINISHED, Connection.FAILED)
)
"""The badge's words, without those of a finished job."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EtaRange(_Part):
    """When something will be done: four times out of five between `earliest` and `latest`."""

    earliest: datetime
    likely: datetime
    latest: datetime


class Counts(_Part):
    """Numbers of jobs; null if unknown."""

    running: int | None
    queued: int | None
    failed_24h: int | None = Field(description="failed in the last 24 hours, as VPO counts them")
    completed_24h: int = Field(
        description="completed in the last 24 hours, as far as this app has seen them"
    )
    workers: int | None = Field(description="active workers")


class RunningJobSummary(_Part):
    """A running job."""

    id: str
    file: str = Field(description="file name without its folder; may be empty")
    type: str
    policy: str | None
    progress_percent: float | None = Field(
        ge=0, le=100, description="null if VPO doesn't report it, as for most jobs"
    )
    started_at: datetime | None
    eta: EtaRange | None
    problem: ProblemKind | None


class LastFailure(_Part):
    """The job that failed last."""

    id: str
    file: str
    at: datetime | None
    error: str | None = Field(description="first line of VPO's message; null if unknown")


class ServerSummary(_Part):
    """One VPO server."""

    name: str
    is_demo: bool
    state: str = Field(
        description="what the badge on the pages says", json_schema_extra={"enum": list(STATES)}
    )
    data_age_seconds: int | None = Field(
        ge=0, description="age of counts and running jobs, of the older; null without data"
    )
    counts: Counts
    running: list[RunningJobSummary] = Field(description="at most 50, the longest running first")
    queue_eta: EtaRange | None = Field(description="when all running and queued jobs will be done")
    last_failure: LastFailure | None


class Summary(_Part):
    """The state of each server. Times are UTC in ISO 8601."""

    servers: list[ServerSummary]


def summarize(name: str, known: KnownServer, *, is_demo: bool = False) -> ServerSummary:
    """Return the summary of one server."""
    reader, tracker = known.reader, known.tracker
    health = reader.health.data
    said = report(
        reader.snapshots,
        reader.health,
        reader.now(),
        polling=reader.polling.enabled,
        is_idle=reader.is_idle,
    )
    ages = [
        reader.age(one.fetched_at)
        for one in (reader.health, known.running)
        if one.fetched_at is not None
    ]
    running_at = reader.seen_at(known.running.fetched_at)
    return ServerSummary(
        name=name,
        is_demo=is_demo,
        state=said.connection.name.lower(),
        data_age_seconds=int(max(ages)) if ages else None,
        counts=Counts(
            running=health.jobs_running if health else None,
            queued=health.jobs_queued if health else None,
            failed_24h=health.recent_errors if health else None,
            completed_24h=tracker.count_finished(tracker.now() - _DAY)["completed"],
            workers=health.active_workers if health else None,
        ),
        running=[_running(one, running_at) for one in known.running_jobs],
        queue_eta=_queue_eta(known),
        last_failure=_last_failure(tracker),
    )


def _running(one: RunningJob, at: datetime) -> RunningJobSummary:
    return RunningJobSummary(
        id=one.job.id,
        file=display_name(one.job.file_path),
        type=plain_line(one.job.job_type, LONGEST_NAME),
        policy=plain_line(one.record.policy_name, LONGEST_NAME) if one.record.policy_name else None,
        progress_percent=None if one.percent is None else round(one.percent, 1),
        started_at=_whole_second(one.record.started_at),
        eta=_range(one.remaining, at),
        problem=one.problem.kind if one.problem else None,
    )


def _queue_eta(known: KnownServer) -> EtaRange | None:
    reader, tracker = known.reader, known.tracker
    queued = None if reader.health.data is None else reader.health.data.jobs_queued
    if queued is None or not (queued or known.running_jobs):
        return None
    created = [one.created_at for one in tracker.next_queued(_NEXT_QUEUED) if one.created_at]
    fetched_at = reader.health.fetched_at
    estimate = estimate_queue(
        queued,
        ended_spans(known.completed.data, known.failed.data),
        reader.as_of(fetched_at),
        [job.remaining for job in known.running_jobs],
        waiting_since=min(created, default=None),
    )
    return _range(estimate, reader.seen_at(fetched_at))


def _last_failure(tracker: JobTracker) -> LastFailure | None:
    for record in tracker.last_failed(1):
        return LastFailure(
            id=record.id,
            file=display_name(record.file_path),
            at=_whole_second(record.completed_at),
            error=plain_line(record.error, _LONGEST_ERROR) if record.error else None,
        )
    return None


def _range(remaining: Estimate | None, at: datetime) -> EtaRange | None:
    """Return the times of an estimate made at `at`; None if there is none for ten years."""
    if remaining is None or remaining.high > _FARTHEST.total_seconds():
        return None
    earliest, likely, latest = (
        (at + timedelta(seconds=seconds)).replace(microsecond=0)
        for seconds in (remaining.low, remaining.middle, remaining.high)
    )
    return EtaRange(earliest=earliest, likely=likely, latest=latest)


def _whole_second(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(microsecond=0)
