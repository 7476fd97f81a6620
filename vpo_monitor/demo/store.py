import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, TypedDict, Unpack

from .clock import iso, seconds_between, utc_now
from .database import Database, like_pattern
from .library import Library
from .logs import Logs
from .statistics import Statistics

TERMINAL = frozenset({"completed", "failed", "cancelled"})

_COLUMNS = (
    "id", "job_type", "status", "priority", "file_path", "policy_name", "created_at", "started_at",
    "completed_at", "progress_percent", "error_message", "output_path", "summary", "summary_raw",
)  # fmt: skip

_WRITE = """
REPLACE INTO jobs VALUES (
    :id, :job_type, :status, :priority, :file_path, :policy_name, :created_at, :started_at,
    :completed_at, :progress_percent, :error_message, :output_path, :summary, :summary_raw)
"""

_FILTER = """
FROM jobs
WHERE (:status IS NULL OR status = :status)
  AND (:job_type IS NULL OR job_type = :job_type)
  AND (:since IS NULL OR created_at >= :since)
  AND (:search IS NULL OR file_path LIKE :search ESCAPE '\\')
"""

_COUNT = "SELECT COUNT(*) " + _FILTER

# Jobs without a duration come last in either order.
_PAGE = (
    """
SELECT *, CASE :sort
    WHEN 'job_type' THEN job_type WHEN 'status' THEN status WHEN 'file_path' THEN file_path
    WHEN 'duration' THEN julianday(completed_at) - julianday(created_at)
    ELSE created_at END AS sort_key
"""
    + _FILTER
    + """
ORDER BY sort_key IS NULL,
    CASE WHEN :ascending THEN sort_key END, CASE WHEN NOT :ascending THEN sort_key END DESC,
    created_at DESC, id
LIMIT :limit OFFSET :offset
"""
)


class JobFields(TypedDict, total=False):
    """What a job may be given; every value is stored as it is, also one that no VPO would write."""

    id: str
    job_type: str
    status: str
    priority: int | None
    file_path: str | None
    policy_name: str | None
    created_at: datetime | str | None
    started_at: datetime | str | None
    completed_at: datetime | str | None
    progress_percent: float | None
    error_message: str | None
    output_path: str | None
    summary: str | None
    summary_raw: Mapping[str, Any] | None


class ScanError(TypedDict):
    """A file that a scan could not read; its name is taken from the path."""

    path: str
    error: str


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs to list, and in which order; None leaves a filter out."""

    status: str | None = None
    job_type: str | None = None
    since: timedelta | None = None
    search: str | None = None
    sort: str = "created_at"
    ascending: bool = False


class Store:
    """The jobs and their scan errors in one SQLite file; any thread may use it.

    `statistics` and `library` keep the other tables of the same file, `logs` the job logs in the
    folder `logs` beside it.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.logs = Logs(path.parent / "logs")
        self.statistics = Statistics(self._database)
        self.library = Library(self._database)

    def transaction(self) -> AbstractContextManager[object]:
        """Make everything written inside one transaction: readers see all of it or nothing."""
        return self._database.transaction()

    def close(self) -> None:
        self._database.close()

    def add_job(self, **fields: Unpack[JobFields]) -> str:
        """Add a job and return its id; what is not given is filled in as a VPO would have it.

        A field that jobs do not have raises TypeError.
        """
        now = utc_now()
        status = fields.get("status", "queued")
        ended = status in TERMINAL
        created = fields.get("created_at", now)
        job: dict[str, object] = {
            "id": str(uuid.uuid4()),
            "job_type": "transcode",
            "status": status,
            "priority": 100,
            "file_path": "/srv/media/movies/Sintel (2010)/Sintel (2010).mkv",
            "policy_name": None,
            "created_at": created,
            "started_at": None if status == "queued" else created,
            "completed_at": now if ended else None,
            "progress_percent": 100.0 if status == "completed" else 0.0,
            "error_message": None,
            "output_path": None,
            "summary": None,
            "summary_raw": None,
        }
        return self._write(job, fields)

    def update_job(self, job_id: str, **fields: Unpack[JobFields]) -> None:
        """Change fields of a job; an unknown id raises KeyError."""
        with self._database.transaction():
            self._write(dict(self._row(job_id)), fields)

    def _write(self, job: dict[str, object], fields: JobFields) -> str:
        job.update(fields)
        if unknown := set(job) - set(_COLUMNS):
            raise TypeError(f"A job has no {', '.join(sorted(unknown))}; it has {_COLUMNS}")
        if isinstance(job["summary_raw"], Mapping):
            job["summary_raw"] = json.dumps(job["summary_raw"])
        for name in ("created_at", "started_at", "completed_at"):
            value = job[name]
            job[name] = iso(value) if isinstance(value, datetime) else value
        with self._database.transaction() as connection:
            connection.execute(_WRITE, job)
        return str(job["id"])

    def delete_job(self, job_id: str) -> None:
        """Forget a job with its log and scan errors; an unknown id changes nothing."""
        self._delete([job_id])

    def _delete(self, job_ids: Sequence[str]) -> None:
        keys = [(job_id,) for job_id in job_ids]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM jobs WHERE id = ?", keys)
            connection.executemany("DELETE FROM scan_errors WHERE job_id = ?", keys)
        for job_id in job_ids:
            self.logs.delete(job_id)

    def prune(self, keep: int) -> None:
        """Delete the oldest ended jobs beyond the newest `keep`, with their logs."""
        ended = self._database.rows(
            "SELECT id FROM jobs WHERE status IN ('completed', 'failed', 'cancelled')"
            " ORDER BY created_at DESC LIMIT -1 OFFSET :keep",
            {"keep": keep},
        )
        self._delete([row["id"] for row in ended])

    def _row(self, job_id: str) -> sqlite3.Row:
        rows = self._database.rows("SELECT * FROM jobs WHERE id = :id", {"id": job_id})
        if not rows:
            raise KeyError(job_id)
        return rows[0]

    def job(self, job_id: str) -> dict[str, Any] | None:
        """Return a job's detail as `/api/jobs/{id}` answers it, or None for an unknown id."""
        try:
            row = self._row(job_id)
        except KeyError:
            return None
        raw = row["summary_raw"]
        return {
            "id": row["id"],
            "id_short": row["id"][:8],
            "job_type": row["job_type"],
            "status": row["status"],
            "priority": row["priority"],
            "file_path": row["file_path"],
            "policy_name": row["policy_name"],
            "created_at": row["created_at"],
            "started_at": row["started_at"],
            "completed_at": row["completed_at"],
            "duration_seconds": _duration(row),
            "progress_percent": row["progress_percent"],
            "error_message": row["error_message"],
            "output_path": row["output_path"],
            "summary": row["summary"],
            "summary_raw": None if raw is None else json.loads(raw),
            "has_logs": self.logs.exists(job_id),
            "has_scan_errors": bool(self.scan_errors(job_id)),
        }

    def jobs(
        self, which: JobFilter, *, limit: int = 50, offset: int = 0
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page of list items as `/api/jobs` answers them, and how many match."""
        parameters = {
            "status": which.status,
            "job_type": which.job_type,
            "since": None if which.since is None else iso(utc_now() - which.since),
            "search": None if which.search is None else like_pattern(which.search),
            "sort": which.sort,
            "ascending": which.ascending,
            "limit": limit,
            "offset": offset,
        }
        with self._database.transaction():
            total = self._database.value(_COUNT, parameters)
            rows = self._database.rows(_PAGE, parameters)
        page = [
            {
                "id": row["id"],
                "job_type": row["job_type"],
                "status": row["status"],
                "file_path": row["file_path"],
                "progress_percent": row["progress_percent"],
                "created_at": row["created_at"],
                "completed_at": row["completed_at"],
                "duration_seconds": _duration(row),
            }
            for row in rows
        ]
        return page, int(str(total))

    def next_queued(self) -> str | None:
        """Return the id of the job to take next: lowest priority number, then oldest."""
        rows = self._database.rows(
            "SELECT id FROM jobs WHERE status = 'queued' ORDER BY priority, created_at, id LIMIT 1"
        )
        return str(rows[0]["id"]) if rows else None

    def count(self, status: str, *, ended_since: datetime | None = None) -> int:
        """Count the jobs of one status; with `ended_since`, those that ended after that time."""
        found = self._database.value(
            "SELECT COUNT(*) FROM jobs WHERE status = :status"
            " AND (:since IS NULL OR completed_at >= :since)",
            {"status": status, "since": None if ended_since is None else iso(ended_since)},
        )
        return int(str(found))

    def append_log(self, job_id: str, lines: Sequence[str]) -> None:
        """Add lines to the end of a job's log, readable on return; the job need not exist."""
        self.logs.append(job_id, lines)

    def replace_log(self, job_id: str, lines: Sequence[str]) -> None:
        """Make these lines a job's whole log, as if its file had been written anew."""
        self.logs.replace(job_id, lines)

    def add_scan_errors(self, job_id: str, errors: Sequence[ScanError]) -> None:
        """Add files that a scan job could not read."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO scan_errors VALUES (?, ?, ?, ?)",
                [
                    (job_id, error["path"], PurePosixPath(error["path"]).name, error["error"])
                    for error in errors
                ],
            )

    def scan_errors(self, job_id: str) -> list[dict[str, str]]:
        """Return a scan's errors as `/api/jobs/{id}/errors` lists them."""
        rows = self._database.rows(
            "SELECT path, filename, error FROM scan_errors WHERE job_id = :id ORDER BY rowid",
            {"id": job_id},
        )
        return [dict(row) for row in rows]


def _duration(row: sqlite3.Row) -> int | None:
    # VPO counts from the creation, whole seconds, and only once a job has ended.
    if row["completed_at"] is None:
        return None
    seconds = seconds_between(row["created_at"], row["completed_at"])
    return None if seconds is None else int(seconds)
