"""The schema of the history: its versions, and which files have it."""

import sqlite3
from collections.abc import Callable
from typing import Any

_APPLICATION = 0x56504F4D
"""The mark of this app's files ("VPOM"), stored as SQLite's application id."""
_HEAD = b"SQLite format 3\0"
HEAD_BYTES = 100
"""Bytes that identify a file: the header of an SQLite file."""

# `server` is the address, because one file may hold several servers. All rows are written with
# REPLACE, so that a row that was written later has a higher rowid.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE jobs (server TEXT, seen_at REAL, id, job_type, status, file_path,
        progress_percent, created_at, started_at, completed_at, policy_name, priority, error,
        size_bytes, has_detail, PRIMARY KEY (server, id));
    CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
    CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT,
        file_path TEXT, PRIMARY KEY (server, at, kind, job_id));
    CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
    CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at))
    """,
    """
    ALTER TABLE jobs ADD COLUMN is_missing INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN is_detail_refused INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN run_seconds REAL AS (max(0.0, completed_at - started_at)) VIRTUAL;
    CREATE INDEX jobs_by_status ON jobs (server, status, completed_at);
    CREATE INDEX run_times_of_policy ON jobs (server, job_type, policy_name, completed_at)
        WHERE status = 'completed' AND run_seconds IS NOT NULL;
    CREATE INDEX run_times_of_type ON jobs (server, job_type, run_seconds, completed_at)
        WHERE status = 'completed' AND run_seconds IS NOT NULL;
    CREATE INDEX missing_jobs ON jobs (server) WHERE is_missing;
    CREATE INDEX jobs_without_detail ON jobs (server)
        WHERE NOT has_detail AND NOT is_detail_refused;
    CREATE INDEX percents_of_job ON percents (server, job_id)
    """,
    """
    ALTER TABLE jobs ADD COLUMN summary;
    ALTER TABLE jobs ADD COLUMN stats_id;
    ALTER TABLE jobs ADD COLUMN result;
    CREATE INDEX jobs_without_result ON jobs (server) WHERE stats_id > '' AND result IS NULL;
    CREATE INDEX jobs_by_report ON jobs (server, stats_id) WHERE stats_id > '';
    CREATE TABLE reports (server TEXT, seen_at REAL, stats_id TEXT, report TEXT,
        PRIMARY KEY (server, stats_id))
    """,
    """
    CREATE TABLE reachability (server TEXT, at REAL, until REAL, state TEXT,
        PRIMARY KEY (server, at))
    """,
    "CREATE INDEX counts_by_time ON counts (at)",
    """
    ALTER TABLE jobs ADD COLUMN queue_seconds REAL AS (started_at - created_at) VIRTUAL;
    CREATE INDEX queue_times ON jobs (server, queue_seconds, completed_at)
        WHERE status IN ('completed', 'failed', 'cancelled') AND queue_seconds >= 0;
    CREATE INDEX failures ON jobs (server, completed_at, id, file_path, error, has_detail)
        WHERE status = 'failed'
    """,
)
"""Each step leads to the next version of the schema, from an empty file on.

Never edit a step that has been released; append one, and to the test what the former left on disk.
"""


class ForeignFileError(Exception):
    """The file belongs to another program."""


class NewerVersionError(Exception):
    """The file is a history of a version that this app doesn't know."""


class DamagedError(Exception):
    """The file is a damaged history."""


def migrate(database: sqlite3.Connection, claim: Callable[[], None]) -> None:
    """Lead an empty database or an earlier version to the current one, or raise an error.

    `claim` is called before an earlier version is changed.
    """
    database.execute("BEGIN")
    version = _version_of(database)
    database.rollback()
    if version == len(MIGRATIONS):
        return  # so that a reader doesn't wait for a writer
    with database:
        database.execute("BEGIN IMMEDIATE")  # all steps or none, even if two apps start at once
        version = _version_of(database)
        if version > 0:
            claim()
        for step in MIGRATIONS[version:]:
            for statement in step.split(";"):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")


def _version_of(database: sqlite3.Connection) -> int:
    """Return the version of the schema, 0 for an empty file. Raises if it can't be used."""

    def value(statement: str) -> Any:
        return database.execute(statement).fetchone()[0]

    mark, version = value("PRAGMA application_id"), value("PRAGMA user_version")
    # Before anything else is read, because a newer schema may be unreadable.
    if mark == _APPLICATION and version > len(MIGRATIONS):
        raise NewerVersionError
    if mark == version == 0 and not value("SELECT COUNT(*) FROM sqlite_master"):
        return 0
    if mark != _APPLICATION:
        raise ForeignFileError
    if version < 1 or value("PRAGMA quick_check(1)") != "ok":
        raise DamagedError
    return int(version)


def is_no_database(head: bytes) -> bool:
    """Whether a file with this header is not an SQLite file; an empty one may become one."""
    return not head.startswith(_HEAD) and bool(head[: len(_HEAD)].strip(b"\0"))


def is_of_others(head: bytes) -> bool:
    """Whether a file with this header belongs to another program, using SQLite or not."""
    is_unmarked = head.startswith(_HEAD) and int.from_bytes(head[68:72]) != _APPLICATION
    return is_no_database(head) or is_unmarked


def is_newer(head: bytes) -> bool:
    """Whether a history with this header was written by a newer version of this app."""
    return head.startswith(_HEAD) and int.from_bytes(head[60:64]) > len(MIGRATIONS)
