"""The jobs, statistics and media files of the demo, in an SQLite database in memory."""

import hashlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from random import Random
from typing import Any

from .clock import iso, utc_now
from .job_logs import log_lines
from .sample_media import MediaFile

# Most columns have no type, so that tests can store invalid values and read them back unchanged.
_SCHEMA = """
CREATE TABLE jobs (
    id PRIMARY KEY, job_type DEFAULT 'transcode', status DEFAULT 'queued', priority DEFAULT 100,
    file_path DEFAULT '/srv/media/movies/Sintel (2010)/Sintel (2010).mkv', policy_name, created_at,
    started_at, completed_at, progress_percent DEFAULT 0.0, error_message, output_path, summary,
    summary_raw, has_log DEFAULT 0);
CREATE INDEX jobs_by_creation ON jobs (created_at);
CREATE INDEX jobs_by_status ON jobs (status);
CREATE TABLE scan_errors (job_id, path, filename, error);
CREATE INDEX scan_errors_by_job ON scan_errors (job_id);
CREATE TABLE stats (
    stats_id PRIMARY KEY, processed_at, policy_name DEFAULT 'normalize', size_before DEFAULT 0,
    size_after DEFAULT 0, audio_removed DEFAULT 0, subtitle_removed DEFAULT 0,
    attachments_removed DEFAULT 0, duration_seconds DEFAULT 0.0, success DEFAULT 1, error_message,
    encoder_type, video_transcoded DEFAULT 0, video_skipped DEFAULT 0, file_path DEFAULT '',
    audio_before DEFAULT 1, subtitles_before DEFAULT 0, attachments_before DEFAULT 0,
    source_codec, skip_reason);
CREATE INDEX stats_by_time ON stats (processed_at);
CREATE INDEX stats_by_file ON stats (file_path, processed_at);
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path UNIQUE, filename, size_bytes, modified_at, scanned_at,
    scan_status DEFAULT 'ok', scan_error, scan_job_id, video_codec, width, height, languages,
    added_at);
"""
_JOB_FILTER = """
FROM jobs
WHERE (:status IS NULL OR status = :status)
  AND (:job_type IS NULL OR job_type = :job_type)
  AND (:since IS NULL OR created_at >= :since)
  AND (:search IS NULL OR file_path LIKE :search ESCAPE '\\')
"""
_JOB_DURATION = "julianday(completed_at) - julianday(created_at)"
_FILE_FILTER = """
FROM files
WHERE (:search IS NULL OR filename LIKE :search ESCAPE '\\')
  AND (:status IS NULL OR scan_status = :status)
"""
_STATS_TOTALS = """
    1.0 * SUM(success) / COUNT(*) AS success_rate,
    COALESCE(SUM(size_before - size_after), 0) AS total_size_saved,
    100.0 * SUM(size_before - size_after) / SUM(size_before) AS avg_savings_percent,
    AVG(duration_seconds) AS avg_processing_time
"""
_STATS_FILTER = """
FROM stats
WHERE (:since IS NULL OR processed_at >= :since) AND (:policy IS NULL OR policy_name = :policy)
"""
_RUNS = """
SELECT stats_id, processed_at, policy_name, size_before, size_after,
    size_before - size_after AS size_change, audio_removed, subtitle_removed, attachments_removed,
    duration_seconds, success, error_message, encoder_type
FROM stats
"""
_PHASES = 2
_RATES = ("success_rate", "avg_savings_percent", "avg_processing_time")
_PERIODS = {"day": "%Y-%m-%d", "week": "%Y-W%W", "month": "%Y-%m"}
_LIST_FIELDS = (
    "id", "job_type", "status", "file_path", "progress_percent", "created_at", "completed_at",
)  # fmt: skip


class Store:
    """What the demo server knows; methods that return dictionaries return them as the API does.

    Any thread may use it. Ids come from `random`.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            ":memory:", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Let readers in other threads see either all changes made inside, or none."""
        with self._lock:
            yield

    def _rows(self, sql: str, **parameters: object) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, parameters)]

    def _insert(self, table: str, **row: Any) -> None:
        names = ", ".join(f":{name}" for name in row)
        sql = f"REPLACE INTO {table} ({', '.join(row)}) VALUES ({names})"  # noqa: S608 - our names
        self._rows(sql, **_stored(row))

    def new_id(self) -> str:
        """Return a new UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    # Jobs

    def add_job(self, **fields: Any) -> str:
        """Add a job and return its id; `has_log` makes it write a log of its own.

        Fields that are not given get the values that VPO would use.
        """
        now = utc_now()
        status = fields.get("status", "queued")
        ended = status in ("completed", "failed", "cancelled")
        created = fields.get("created_at", now)
        job = {
            "id": self.new_id(),
            "created_at": created,
            "started_at": None if status == "queued" else created,
            "completed_at": now if ended else None,
            "progress_percent": 100.0 if status == "completed" else 0.0,
        } | fields
        self._insert("jobs", **job)
        return str(job["id"])

    def update_job(self, job_id: str, **fields: Any) -> None:
        """Change fields of a job; raises KeyError for an unknown id."""
        changes = ", ".join(f"{name} = :{name}" for name in fields)
        sql = f"UPDATE jobs SET {changes} WHERE id = :job_id RETURNING id"  # noqa: S608 - our names
        if not self._rows(sql, job_id=job_id, **_stored(fields)):
            raise KeyError(job_id)

    def delete_job(self, job_id: str) -> None:
        """Delete a job with its scan errors; an unknown id changes nothing."""
        self._rows("DELETE FROM jobs WHERE id = :id", id=job_id)
        self._rows("DELETE FROM scan_errors WHERE job_id = :id", id=job_id)

    def job(self, job_id: str) -> dict[str, Any] | None:
        """Return the detail of a job; None for an unknown id."""
        rows = self._rows("SELECT * FROM jobs WHERE id = :id", id=job_id)
        if not rows:
            return None
        row = rows[0]
        has_log, raw = row.pop("has_log"), row["summary_raw"]
        return row | {
            "id_short": job_id[:8],
            "duration_seconds": _duration(row),
            "summary_raw": None if raw is None else json.loads(raw),
            "has_logs": bool(has_log and row["started_at"]),
            "has_scan_errors": bool(self.scan_errors(job_id)),
        }

    def jobs(
        self,
        *,
        status: str | None = None,
        job_type: str | None = None,
        since: datetime | None = None,
        search: str | None = None,
        sort: str = "created_at",
        ascending: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page of the list of jobs and the number of matching jobs.

        `sort` is a column or "duration"; jobs without a value come last in both directions.
        """
        key = _JOB_DURATION if sort == "duration" else sort
        direction = "ASC" if ascending else "DESC"
        which = {
            "status": status,
            "job_type": job_type,
            "since": since and iso(since),
            "search": search and _like(search),
        }
        with self.transaction():
            rows = self._rows(
                f"SELECT * {_JOB_FILTER} ORDER BY {key} IS NULL, {key} {direction},"
                " created_at DESC, id LIMIT :limit OFFSET :offset",
                **which, limit=limit, offset=offset,
            )  # fmt: skip
            total = self._rows(f"SELECT COUNT(*) AS n {_JOB_FILTER}", **which)[0]["n"]
        page = [
            {name: row[name] for name in _LIST_FIELDS} | {"duration_seconds": _duration(row)}
            for row in rows
        ]
        return page, total

    def next_queued(self) -> dict[str, Any] | None:
        """Return the next job to run: the lowest priority number, then the oldest."""
        rows = self._rows(
            "SELECT * FROM jobs WHERE status = 'queued' ORDER BY priority, created_at, id LIMIT 1"
        )
        return rows[0] if rows else None

    def count(self, status: str, *, ended_since: datetime | None = None) -> int:
        """Count the jobs with a status; with `ended_since`, only those that ended later."""
        rows = self._rows(
            "SELECT COUNT(*) AS n FROM jobs WHERE status = :status"
            " AND (:since IS NULL OR completed_at >= :since)",
            status=status,
            since=ended_since and iso(ended_since),
        )
        return int(rows[0]["n"])

    def log(self, job_id: str, *, limit: int, offset: int) -> tuple[list[str], int]:
        """Return some lines of a job's log and the total number of lines."""
        job = self.job(job_id)
        if job is None or not job["has_logs"]:
            return [], 0
        raw = job["summary_raw"]
        stats_id = raw.get("stats_id") if isinstance(raw, dict) else None
        report = self.stats_detail(stats_id) if isinstance(stats_id, str) else None
        lines = log_lines(job, utc_now(), report or {})
        return lines[offset : offset + limit], len(lines)

    def add_scan_errors(self, job_id: str, errors: Sequence[Mapping[str, str]]) -> None:
        """Add files that a scan job could not read, each with `path` and `error`."""
        for one in errors:
            name = PurePosixPath(one["path"]).name
            self._insert("scan_errors", job_id=job_id, filename=name, **one)

    def scan_errors(self, job_id: str) -> list[dict[str, Any]]:
        return self._rows(
            "SELECT path, filename, error FROM scan_errors WHERE job_id = :id ORDER BY rowid",
            id=job_id,
        )

    def prune(self, keep: int) -> None:
        """Delete the oldest finished jobs, statistics and files beyond the newest `keep`."""
        with self.transaction():
            for row in self._rows(
                "SELECT id FROM jobs WHERE status IN ('completed', 'failed', 'cancelled')"
                " ORDER BY created_at DESC LIMIT -1 OFFSET :keep",
                keep=keep,
            ):
                self.delete_job(row["id"])
            for table, time in (("stats", "processed_at"), ("files", "scanned_at")):
                self._rows(
                    f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table}"  # noqa: S608
                    f" ORDER BY {time} DESC LIMIT -1 OFFSET :keep)",
                    keep=keep,
                )

    # Statistics of processed files

    def add_stats(self, **fields: Any) -> str:
        """Add the statistics of one processed file and return their id."""
        row = {"stats_id": self.new_id(), "processed_at": utc_now()} | fields
        self._insert("stats", **row)
        return str(row["stats_id"])

    def stats_summary(self, since: datetime | None, policy: str | None) -> dict[str, Any]:
        row = self._rows(
            "SELECT COUNT(*) AS total_files_processed,"
            " COALESCE(SUM(success), 0) AS total_successful,"
            " COALESCE(SUM(NOT success), 0) AS total_failed,"
            " COALESCE(SUM(size_before), 0) AS total_size_before,"
            " COALESCE(SUM(size_after), 0) AS total_size_after,"
            " COALESCE(SUM(audio_removed), 0) AS total_audio_removed,"
            " COALESCE(SUM(subtitle_removed), 0) AS total_subtitles_removed,"
            " COALESCE(SUM(attachments_removed), 0) AS total_attachments_removed,"
            " COALESCE(SUM(video_transcoded), 0) AS total_videos_transcoded,"
            " COALESCE(SUM(video_skipped), 0) AS total_videos_skipped, 0 AS total_audio_transcoded,"
            " COALESCE(SUM(encoder_type = 'hardware'), 0) AS hardware_encodes,"
            " COALESCE(SUM(encoder_type = 'software'), 0) AS software_encodes,"
            " MIN(processed_at) AS earliest_processing, MAX(processed_at) AS latest_processing,"
            f" {_STATS_TOTALS} {_STATS_FILTER}",
            since=since and iso(since),
            policy=policy,
        )[0]
        return _without_null_rates(row)

    def stats_policies(self, since: datetime | None) -> list[dict[str, Any]]:
        """Return one row per policy, the last used first."""
        rows = self._rows(
            "SELECT policy_name, COUNT(*) AS files_processed,"
            " COALESCE(SUM(audio_removed), 0) AS audio_tracks_removed,"
            " COALESCE(SUM(subtitle_removed), 0) AS subtitle_tracks_removed,"
            " COALESCE(SUM(attachments_removed), 0) AS attachments_removed,"
            " COALESCE(SUM(video_transcoded), 0) AS videos_transcoded, 0 AS audio_transcoded,"
            f" MAX(processed_at) AS last_used, {_STATS_TOTALS} {_STATS_FILTER}"
            " GROUP BY policy_name ORDER BY last_used DESC",
            since=since and iso(since),
            policy=None,
        )
        return [_without_null_rates(row) for row in rows]

    def stats_recent(self, limit: int, policy: str | None) -> list[dict[str, Any]]:
        """Return the last processed files, newest first."""
        rows = self._rows(
            f"{_RUNS} WHERE (:policy IS NULL OR policy_name = :policy)"
            " ORDER BY processed_at DESC LIMIT :limit",
            policy=policy,
            limit=limit,
        )
        return [row | {"success": bool(row["success"])} for row in rows]

    def file_runs(self, file_id: int) -> list[dict[str, Any]]:
        """Return the runs of one media file, newest first."""
        rows = self._rows(
            f"{_RUNS} WHERE file_path = (SELECT path FROM files WHERE id = :id)"  # noqa: S608
            " ORDER BY processed_at DESC",
            id=file_id,
        )
        return [row | {"success": bool(row["success"])} for row in rows]

    def stats_detail(self, stats_id: str) -> dict[str, Any] | None:
        """Return the report of one processed file; None for an unknown id."""
        rows = self._rows(
            "SELECT stats.*, files.id AS file_id"
            " FROM stats LEFT JOIN files ON files.path = stats.file_path WHERE stats_id = :id",
            id=stats_id,
        )
        return _report(rows[0]) if rows else None

    def stats_trends(self, since: datetime | None, group_by: str) -> list[dict[str, Any]]:
        """Return one row per `day`, `week` or `month`, oldest first."""
        return self._rows(
            "SELECT strftime(:period, processed_at) AS date, COUNT(*) AS files_processed,"
            " SUM(size_before - size_after) AS size_saved, SUM(success) AS success_count,"
            f" SUM(NOT success) AS fail_count {_STATS_FILTER} GROUP BY 1 ORDER BY 1",
            period=_PERIODS[group_by],
            since=since and iso(since),
            policy=None,
        )

    # Media files

    def add_file(
        self, media: MediaFile, scanned_at: datetime, status: str = "ok", error: str | None = None
    ) -> None:
        """Add a media file; a file with the same path is replaced and keeps its id."""
        known = self._rows("SELECT id, added_at FROM files WHERE path = :path", path=media.path)
        scans = self._rows(
            "SELECT id FROM jobs WHERE job_type = 'scan' AND created_at <= :at"
            " ORDER BY created_at DESC LIMIT 1",
            at=iso(scanned_at),
        )
        self._insert(
            "files",
            id=known[0]["id"] if known else None,
            path=media.path,
            filename=media.name,
            size_bytes=media.size_bytes,
            modified_at=scanned_at,
            scanned_at=scanned_at,
            scan_job_id=scans[0]["id"] if scans else self.new_id(),
            video_codec=media.codec,
            width=media.width,
            height=media.height,
            languages=", ".join(media.languages),
            scan_status=status,
            scan_error=error,
            added_at=min([iso(scanned_at), *(row["added_at"] for row in known)]),
        )

    def files(
        self, *, search: str | None, status: str | None, limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page of media files and the number of matching files."""
        which = {"search": search and _like(search), "status": status}
        page = self._rows(
            "SELECT id, filename, path, NULL AS title, height || 'p' AS resolution,"
            f" languages AS audio_languages, scanned_at, scan_status, scan_error {_FILE_FILTER}"
            " ORDER BY scanned_at DESC, id DESC LIMIT :limit OFFSET :offset",
            **which,
            limit=limit,
            offset=offset,
        )
        return page, self._rows(f"SELECT COUNT(*) AS n {_FILE_FILTER}", **which)[0]["n"]

    def library_distribution(self) -> dict[str, list[dict[str, Any]]]:
        """Return how many files have each container, video codec and audio codec."""
        count = "COUNT(*) AS count FROM files WHERE scan_status = 'ok'"
        return {
            "containers": self._rows(f"SELECT 'matroska,webm' AS label, {count} HAVING COUNT(*)"),
            "video_codecs": self._rows(
                f"SELECT video_codec AS label, {count} GROUP BY 1 ORDER BY 2 DESC"
            ),
            "audio_codecs": self._rows(f"SELECT 'aac' AS label, {count} HAVING COUNT(*)"),
        }

    def library_trends(self) -> list[dict[str, Any]]:
        """Return the files and bytes of the library at the end of each scan, oldest first.

        The sizes are those of today, with what was saved since.
        """
        return self._rows(
            "WITH scans AS (SELECT DISTINCT completed_at AS at FROM jobs"
            " WHERE job_type = 'scan' AND status = 'completed')"
            " SELECT at AS snapshot_at, COUNT(files.id) AS total_files,"
            " COALESCE(SUM(files.size_bytes), 0) + COALESCE((SELECT SUM(size_before - size_after)"
            " FROM stats JOIN files AS processed ON processed.path = stats.file_path"
            " WHERE processed_at > at AND processed.added_at <= at), 0) AS total_size_bytes,"
            " COALESCE(SUM(scan_status = 'missing'), 0) AS missing_files,"
            " COALESCE(SUM(scan_status = 'error'), 0) AS error_files"
            " FROM scans LEFT JOIN files ON files.added_at <= at GROUP BY at ORDER BY at"
        )

    def file(self, file_id: int) -> dict[str, Any] | None:
        """Return a media file with all its columns; None for an unknown id."""
        rows = self._rows("SELECT * FROM files WHERE id = :id", id=file_id)
        return rows[0] if rows else None


def _stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as SQLite stores them: times and objects as text."""
    return {
        name: iso(value)
        if isinstance(value, datetime)
        else json.dumps(value)
        if isinstance(value, Mapping)
        else value
        for name, value in row.items()
    }


def _like(text: str) -> str:
    r"""Return the LIKE pattern, with the escape character \, of all texts that contain this."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _duration(row: Mapping[str, Any]) -> int | None:
    """Return whole seconds from creation to completion, as VPO counts them."""
    try:
        created, completed = map(datetime.fromisoformat, (row["created_at"], row["completed_at"]))
    except (TypeError, ValueError):
        return None
    return int((completed - created).total_seconds())


def _report(row: Mapping[str, Any]) -> dict[str, Any]:
    success = bool(row["success"])
    tracks = {
        f"{kind}_{when}": count
        for kind, before, removed in (
            ("audio_tracks", row["audio_before"], row["audio_removed"]),
            ("subtitle_tracks", row["subtitles_before"], row["subtitle_removed"]),
            ("attachments", row["attachments_before"], row["attachments_removed"]),
        )
        for when, count in (("before", before), ("after", before - removed), ("removed", removed))
    }
    own = ("stats_id", "file_id", "file_path", "processed_at", "policy_name", "size_before")
    same = ("size_after", "duration_seconds", "error_message", "encoder_type")
    removed = sum(row[name] for name in ("audio_removed", "subtitle_removed"))
    return {
        **{name: row[name] for name in (*own, *same)},
        **tracks,
        "filename": PurePosixPath(row["file_path"]).name,
        "size_change": row["size_before"] - row["size_after"],
        "video_source_codec": row["source_codec"],
        "video_target_codec": "hevc" if row["video_transcoded"] else None,
        "video_transcode_skipped": bool(row["video_skipped"]),
        "video_skip_reason": row["skip_reason"],
        "audio_tracks_transcoded": 0,
        "audio_tracks_preserved": 0,
        "phases_completed": _PHASES if success else 1,
        "phases_total": _PHASES,
        "total_changes": removed + bool(row["video_transcoded"]),
        "hash_before": _hash(row["file_path"], row["size_before"]),
        "hash_after": _hash(row["file_path"], row["size_after"]),
        "success": success,
        "actions": [],
    }


def _hash(path: str, size: int) -> str:
    return hashlib.sha256(f"{path} {size}".encode()).hexdigest()


def _without_null_rates(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: row[name] or 0.0 for name in _RATES}
