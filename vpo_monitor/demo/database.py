import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# Columns of jobs and stats carry no type, so that a test can store what it wants read back: an
# integer percent stays an integer, a garbled time stays garbled.
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, job_type, status, priority, file_path, policy_name, created_at,
    started_at, completed_at, progress_percent, error_message, output_path, summary, summary_raw
) WITHOUT ROWID;
CREATE INDEX jobs_by_creation ON jobs (created_at);
CREATE INDEX jobs_by_status ON jobs (status);
CREATE TABLE scan_errors (job_id TEXT, path TEXT, filename TEXT, error TEXT);
CREATE INDEX scan_errors_by_job ON scan_errors (job_id);
CREATE TABLE stats (
    stats_id TEXT PRIMARY KEY, processed_at, policy_name, size_before, size_after, audio_removed,
    subtitle_removed, attachments_removed, duration_seconds, success, error_message, encoder_type,
    video_transcoded, video_skipped
) WITHOUT ROWID;
CREATE INDEX stats_by_time ON stats (processed_at);
CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE, filename TEXT, size_bytes INTEGER,
    modified_at TEXT, scanned_at TEXT, scan_status TEXT, scan_error TEXT, scan_job_id TEXT,
    video_codec TEXT, width INTEGER, height INTEGER, languages TEXT
);
"""


def like_pattern(text: str) -> str:
    """Return the LIKE pattern (escaped with a backslash) of all texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


class Database:
    """One SQLite file that several threads use in turn.

    There is one connection behind one lock: each use lasts about a millisecond, and a reader sees
    either all of a transaction or nothing of it.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # The file does not outlive the process, so nothing waits for the disk (synchronous = OFF).
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; inside another transaction of this thread, be part of that one."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[sqlite3.Row]:
        """Return all rows of a query with named parameters."""
        with self._lock:
            return self._connection.execute(sql, parameters or {}).fetchall()

    def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> object:
        """Return the first column of the first row of a query that always gives one."""
        first: object = self.rows(sql, parameters)[0][0]
        return first

    def close(self) -> None:
        """Close the file; every use after that raises `sqlite3.ProgrammingError`."""
        with self._lock:
            self._connection.close()
