"""The known jobs, and which of their data is still missing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from vpo_monitor.history.job_record import JobRecord
from vpo_monitor.history.known_times import KnownTimes

_KEPT_SHARE = 0.95
"""The share of the limit to keep when it is exceeded, so that pruning is rare."""
_MOST_UNDETAILED = 500
"""Maximum jobs considered when choosing the next details to request."""
_EVER = datetime.min.replace(tzinfo=UTC)


class JobStore:
    """Store of at most `most` jobs; the jobs that finished longest ago are removed first.

    Not thread-safe: the owner holds the lock.
    """

    def __init__(self, most: int) -> None:
        self.times = KnownTimes()
        self.missing: dict[str, None] = {}
        self._most = most
        self._jobs: dict[str, JobRecord] = {}
        self._undetailed: dict[str, None] = {}
        self._running: dict[str, None] = {}
        self._sized: set[str] = set()

    def __iter__(self) -> Iterator[JobRecord]:
        return iter(self._jobs.values())

    def get(self, job_id: str) -> JobRecord | None:
        """Return the record of one job."""
        return self._jobs.get(job_id)

    def put(self, record: JobRecord) -> list[str]:
        """Store the record of a job. Returns the ids of the jobs removed to make room."""
        self._forget_places(record.id)
        self._jobs[record.id] = record
        if not record.has_detail:
            self._undetailed[record.id] = None
        if record.status == "running":
            self._running[record.id] = None
        if record.size_bytes is not None:
            self._sized.add(record.id)
        self.times.put(record)
        return self._make_room() if len(self._jobs) > self._most else []

    def drop(self, job_id: str) -> None:
        """Remove a job."""
        record = self._jobs.pop(job_id, None)
        self._forget_places(job_id)
        self.missing.pop(job_id, None)
        self._sized.discard(job_id)
        if record is not None:
            self.times.drop(record)

    def ended_before(self, oldest: datetime) -> list[str]:
        """Return the ids of the jobs that finished before this time."""
        return [job.id for job in self if job.is_terminal and _ended(job) < oldest]

    def size(self, job_id: str, size: int | None) -> JobRecord | None:
        """Store a job's file size, None if unavailable. Returns the record if it changed."""
        record = self._jobs.get(job_id)
        if record is None:
            return None
        self._sized.add(job_id)
        if not size:
            return None
        self._jobs[job_id] = sized = replace(record, size_bytes=size)
        return sized

    def is_sized(self, job_id: str) -> bool:
        """Whether the size of the job's file has been requested."""
        return job_id in self._sized

    def detail_refused(self, job_id: str) -> None:
        """Note that VPO rejects the id, so no detail is available."""
        self._undetailed.pop(job_id, None)
        self.missing.pop(job_id, None)

    def running(self) -> list[JobRecord]:
        """Return the running jobs."""
        return [self._jobs[job_id] for job_id in self._running]

    def undetailed(self) -> list[JobRecord]:
        """Return up to 500 recent jobs without a detail of their current status."""
        newest = islice(reversed(self._undetailed), _MOST_UNDETAILED)
        return [self._jobs[job_id] for job_id in newest]

    def _forget_places(self, job_id: str) -> None:
        self._undetailed.pop(job_id, None)
        self._running.pop(job_id, None)

    def _make_room(self) -> list[str]:
        order = sorted(self, key=lambda job: (not job.is_terminal, _ended(job)))
        surplus = order[: len(order) - int(self._most * _KEPT_SHARE)]
        for job in surplus:
            self.drop(job.id)
        return [job.id for job in surplus]


def _ended(job: JobRecord) -> datetime:
    return job.completed_at or job.created_at or _EVER
