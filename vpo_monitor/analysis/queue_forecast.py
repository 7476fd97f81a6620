"""The queue in VPO's order, with the expected start and end of its next jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakKeyDictionary

from vpo_monitor.analysis.estimates.estimate_text import expected_text
from vpo_monitor.analysis.estimates.problems import ProblemKind, time_queued_without_worker
from vpo_monitor.analysis.estimates.queue import QueuedJob, sort_queue
from vpo_monitor.analysis.estimates.queue_starts import (
    MAX_JOBS,
    ExpectedTimes,
    RunTimes,
    expected_times,
    likely_run_times,
    remaining_times,
    scaled,
    steady,
    widely_spread,
    workers_seen,
)
from vpo_monitor.analysis.estimates.running_job import (
    EstimateInputs,
    FinishedRuns,
    RunningJob,
    SimilarRuns,
    processes_a_file,
    runs_with_any_policy,
    similar_runs,
)
from vpo_monitor.analysis.formatting import job_count
from vpo_monitor.analysis.number_format import count
from vpo_monitor.api.models import JobPage, ProcessedFile
from vpo_monitor.history.backfill import needs_size
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord

_NO_WORKERS = "no active workers"
_STARTS_UNKNOWN = "start times of running jobs unknown"
_NOT_SIMILAR = "not enough similar jobs"
_TOO_FAR = f"only for the next {MAX_JOBS} jobs"


@dataclass(frozen=True)
class QueueForecast:
    """The listed queued jobs in VPO's order, and what is expected of the next 20.

    `total` counts all queued jobs; None if unknown. `expected` has the times by job ID, counted
    from the time of the lists, for `workers` workers. If it lacks all jobs, `unknown` says why.
    `rough` are those of the next 20 whose size or policy is unknown.
    """

    jobs: Sequence[QueuedJob] = ()
    total: int | None = None
    workers: int = 1
    expected: Mapping[str, ExpectedTimes] = field(default_factory=dict)
    unknown: str = ""
    rough: frozenset[str] = frozenset()

    def place(self, job_id: str) -> int | None:
        """Return the job's place in the queue, from 1; None if it is not listed."""
        places = (place for place, one in enumerate(self.jobs, 1) if one.job.id == job_id)
        return next(places, None)

    def why_unknown(self, job_id: str) -> str:
        """Say why the times of a job are not estimated."""
        place = self.place(job_id)
        is_far = place is None or place > MAX_JOBS
        return _TOO_FAR if is_far else self.unknown or _NOT_SIMILAR

    def visible(self, job_id: str) -> object:
        """Return what is displayed of a job, rounded as displayed."""
        expected = self.expected.get(job_id)
        times = self.why_unknown(job_id) if expected is None else expected_text(expected)
        return (self.place(job_id), self.total, times, self.assumptions(job_id))

    def assumptions(self, job_id: str) -> str:
        """Say what the expected times of a job assume, and what is not known of those ahead."""
        workers = "1 worker" if self.workers == 1 else f"{count(self.workers)} workers"
        said = [f"Assumes {workers}, and no new jobs that go first."]
        ahead = self.jobs[: self.place(job_id) or len(self.jobs)]
        if rough := sum(one.job.id in self.rough for one in ahead):
            said.append(f"Wider range: size or policy unknown for {job_count(rough)}.")
        if note := self.order_notes():
            said.append(note)
        return " ".join(said)

    def order_notes(self) -> str:
        """Say what is not known of the order; empty if it is all known."""
        notes = []
        if self.total is not None and self.total > len(self.jobs):
            notes.append(f"Order covers the oldest {len(self.jobs)} jobs only.")
        if unknown := sum(one.priority is None for one in self.jobs):
            notes.append(f"Priority unknown for {job_count(unknown)}: sorted as normal.")
        return " ".join(notes)


_latest: WeakKeyDictionary[JobTracker, tuple[object, datetime, QueueForecast]] = WeakKeyDictionary()
"""The last forecast of each server, with what it depends on and its time: all viewers share it."""


def forecast_queue(
    tracker: JobTracker,
    running: Sequence[RunningJob],
    queued: JobPage | None,
    inputs: EstimateInputs,
    now: datetime,
    fetched_at: tuple[float | None, float | None],
) -> QueueForecast:
    """Sort the queue, and estimate when its next jobs start.

    `running` are the running jobs at `now`, by the server's clock. It is computed only if something
    is new since the last time: `fetched_at` is when running and queued jobs were fetched, by the
    poller's.
    """
    workers = workers_seen(tracker.counts(), len(running), now)
    without_worker = time_queued_without_worker(tracker.counts(), now, tracker.counts_good_for)
    has_no_worker = without_worker is not None
    known = (tracker.revision, fetched_at, inputs.files, workers, has_no_worker)
    latest = _latest.get(tracker)
    if latest is not None and latest[0] == known:
        return latest[2]
    jobs = sort_queue(queued.rows if queued else (), tracker)
    records = [_record(one, tracker) for one in jobs[:MAX_JOBS]]
    at_work = [job for job in running if not _is_abandoned(job)]
    expected: list[ExpectedTimes] = []
    unknown = ""
    if has_no_worker or len(at_work) < len(running):
        unknown = _NO_WORKERS
    elif any(job.remaining is None and job.elapsed is None for job in running):
        unknown = _STARTS_UNKNOWN
    else:
        expected = expected_times(
            [(job.job.id, remaining_times(job.remaining, job.elapsed or 0.0)) for job in running],
            queued_run_times(records, tracker, inputs.files),
            workers,
        )
    by_id = {one.id: times for one, times in zip(records, expected, strict=False)}
    if latest is not None:
        _, then, before = latest
        passed = (now - then).total_seconds()
        by_id |= {
            job_id: steady(times, before.expected[job_id], passed)
            for job_id, times in by_id.items()
            if job_id in before.expected
        }
    forecast = QueueForecast(
        jobs=jobs,
        total=queued.total if queued else None,
        workers=workers,
        expected=by_id,
        unknown=unknown,
        rough=frozenset(one.id for one in records if _is_rough(one)),
    )
    _latest[tracker] = known, now, forecast
    return forecast


def queued_run_times(
    records: Sequence[JobRecord], tracker: FinishedRuns, files: Sequence[ProcessedFile]
) -> list[tuple[str, RunTimes | None]]:
    """Return the likely run times of queued jobs, by ID; None if nothing is known of any job.

    If no similar jobs are known, or a job's policy isn't yet, its times are those of all files that
    VPO processed lately; those of jobs that process no files may be far from these.
    """
    by_kind: dict[object, tuple[SimilarRuns, RunTimes | None]] = {}
    found = []
    for record in records:
        kind = (record.job_type, record.policy_name, bool(record.size_bytes))
        if kind not in by_kind:
            by_kind[kind] = _run_times(record, tracker, files)
        runs, times = by_kind[kind]
        if times is not None and runs.are_paces:
            times = scaled(times, record.size_bytes or 0)
        found.append((record.id, times))
    return found


def _run_times(
    record: JobRecord, tracker: FinishedRuns, files: Sequence[ProcessedFile]
) -> tuple[SimilarRuns, RunTimes | None]:
    runs = similar_runs(record, tracker, files)
    if (times := likely_run_times(runs.seconds)) is not None:
        return runs, times
    runs = runs_with_any_policy(record, files)
    times = likely_run_times(runs.seconds)
    if times is not None and not processes_a_file(record):
        times = widely_spread(times)
    return runs, times


def _record(one: QueuedJob, tracker: JobTracker) -> JobRecord:
    job = one.job
    return tracker.record(job.id) or JobRecord(job.id, job.job_type, job.status, job.file_path)


def _is_rough(record: JobRecord) -> bool:
    return not record.has_detail or (needs_size(record) and not record.size_bytes)


def _is_abandoned(job: RunningJob) -> bool:
    return job.problem is not None and job.problem.kind is ProblemKind.ABANDONED
