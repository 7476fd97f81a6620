"""The history file, which preserves observations over restarts. SQLite, bounded, never fatal."""

import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vpo_monitor.insight.watching import history_rows
from vpo_monitor.insight.watching.facts import Watched
from vpo_monitor.insight.watching.history_mark import APPLICATION, HEAD_BYTES, is_no_database
from vpo_monitor.insight.watching.history_rows import sound, stored

_VERSION = 1
_BUSY_SECONDS = 1.0
_EACH_JOBS = 5
"""Rows of changes, percentages and counts to keep, per job allowed."""

_log = logging.getLogger(__name__)

# `server` is the address, because one file may hold several servers.
_SCHEMA = f"""
CREATE TABLE jobs (server TEXT, seen_at REAL, {", ".join(history_rows.JOB_FIELDS)},
    PRIMARY KEY (server, id));
CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT, file_path TEXT,
    PRIMARY KEY (server, at, kind, job_id));
CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at));
PRAGMA user_version = {_VERSION};
PRAGMA application_id = {APPLICATION};
"""


class _ForeignFileError(Exception):
    """The file is valid but not a history."""


class _DamagedError(Exception):
    """The file is a history that is damaged or of another version."""


class History:
    """Stored observations of one server, for `days` days and at most `most_jobs` jobs.

    The file may hold other servers too, each with its own limits. Data of a server that is no
    longer monitored expires by age.

    With `path` None, nothing is stored. No method raises: a damaged file is renamed, an unwritable
    one is left alone, and `problem` describes it in a sentence. Thread-safe.
    """

    def __init__(
        self,
        path: Path | None,
        server: str,
        *,
        days: float,
        most_jobs: int,
        utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.problem: str | None = None
        self._path = path
        self._server = server
        self._keep = timedelta(days=days)
        self._most_jobs = most_jobs
        self._utcnow = utcnow
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._missed: set[str] = set()  # reasons of failures since the last successful write

    def load(self) -> Watched:
        """Open the file, prune it and return its contents."""
        if self._path is None:
            return Watched()
        self.close()  # left open by an earlier call
        with self._guarded():
            self._database = _opened(self._path)
            self._prune()
            return self._read()
        return Watched()

    def add(self, news: Watched) -> None:
        """Store the observations of one response."""
        with self._guarded(), self._lock:
            if self._database is not None:
                with self._database as database:
                    self._write(database, news)
                self._missed.clear()

    def prune(self) -> None:
        """Delete entries that are too old or too many."""
        with self._guarded():
            self._prune()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except _ForeignFileError:
            self._stop(
                "History isn't being saved: VPO_MONITOR_HISTORY names another program's file. "
                "Set it to a file of its own. Until then, a restart clears the history."
            )
        except _DamagedError:
            self._set_aside()
        except sqlite3.DatabaseError as error:
            self._fail(error)
        except OSError as error:
            self._stop(f"History isn't being saved: {_reason(error)}. A restart clears it.")
        except (TypeError, ValueError, OverflowError, sqlite3.Error) as error:
            self._miss(f"Data from VPO couldn't be stored ({type(error).__name__})")

    def _fail(self, error: sqlite3.DatabaseError) -> None:
        # The low byte is the kind of failure, the rest is a subtype.
        kind = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            self._set_aside()
        elif kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._miss("The history file is locked by another program")
        else:
            self._stop(f"History isn't being saved: {_reason(error)}. A restart clears it.")

    def _miss(self, why: str) -> None:
        """Report that a response was not stored, once per reason in a row of failures."""
        if why not in self._missed:
            self._missed.add(why)
            _log.warning("%s. Until that changes, history isn't being saved.", why)

    def _stop(self, problem: str) -> None:
        self.close()
        if self.problem != problem:
            _log.warning("%s", problem)
        self.problem = problem

    def _set_aside(self) -> None:
        """Rename a damaged history and its companion files, and start a new one."""
        self.close()
        assert self._path is not None  # noqa: S101 - without a path there is no database
        aside = self._path.with_name(f"{self._path.name}.damaged-{self._utcnow():%Y%m%d-%H%M%S}")
        try:
            self._path.replace(aside)
            for ending in ("-wal", "-shm"):
                Path(f"{self._path}{ending}").unlink(missing_ok=True)
            with self._lock:
                self._database = _opened(self._path)
        except (OSError, sqlite3.Error) as error:
            self._stop(
                f"The history file is damaged, and a new one can't be created: {_reason(error)}."
            )
            return
        self.problem = (
            f"The history file was damaged. It was renamed to {aside.name}, "
            "and a new one was created."
        )
        _log.warning("%s", self.problem)

    def _write(self, database: sqlite3.Connection, news: Watched) -> None:
        now, server = self._utcnow().timestamp(), self._server

        def put(table: str, rows: Iterable[Sequence[Any]]) -> None:
            values = [(server, *row) for row in rows]
            if values:
                places = ", ".join("?" * len(values[0]))
                database.executemany(f"REPLACE INTO {table} VALUES ({places})", values)  # noqa: S608

        put("jobs", [(now, *map(stored, astuple(job))) for job in news.jobs])
        gone = [(server, job_id) for job_id in (*news.begun_anew, *news.vanished)]
        database.executemany("DELETE FROM percents WHERE server = ? AND job_id = ?", gone)
        put("percents", [(p.at.timestamp(), p.job_id, p.percent) for p in news.percents])
        put(
            "changes",
            [(c.at.timestamp(), c.kind, c.job_id, c.job_type, c.file_path) for c in news.changes],
        )
        put(
            "counts",
            [(c.at.timestamp(), *map(stored, c.figures)) for c in news.counts],
        )
        put("watched", [(begin.timestamp(), end.timestamp()) for begin, end in news.spans])
        database.executemany(
            "DELETE FROM jobs WHERE server = ? AND id = ?", [(server, one) for one in news.vanished]
        )

    def _prune(self) -> None:
        oldest = (self._utcnow() - self._keep).timestamp()
        most = self._most_jobs
        with self._lock:
            if self._database is None:
                return
            with self._database as database:
                self._drop(database, oldest, most)

    def _drop(self, database: sqlite3.Connection, oldest: float, most: int) -> None:
        for table, time, rows in (
            ("jobs", "seen_at", most),
            ("percents", "at", most * _EACH_JOBS),
            ("changes", "at", most * _EACH_JOBS),
            ("counts", "at", most * _EACH_JOBS),
            ("watched", "until", most),
        ):
            database.execute(f"DELETE FROM {table} WHERE {time} < ?", (oldest,))  # noqa: S608
            database.execute(
                f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table}"  # noqa: S608
                f" WHERE server = ? ORDER BY {time} DESC LIMIT -1 OFFSET ?)",
                (self._server, rows),
            )

    def _read(self) -> Watched:
        def rows(columns: str, table: str, time: str) -> list[Any]:
            assert self._database is not None  # noqa: S101 - only `load` calls this
            return self._database.execute(
                f"SELECT {columns} FROM {table} WHERE server = ? ORDER BY {time}",  # noqa: S608
                (self._server,),
            ).fetchall()

        at = dict.fromkeys(("percents", "changes", "counts", "watched"), "at")
        columns = {
            "jobs": ", ".join(history_rows.JOB_FIELDS),
            "percents": "at, job_id, percent",
            "changes": "at, kind, job_id, job_type, file_path",
            "counts": "at, running, queued, failed, workers",
            "watched": "at, until",
        }
        with self._lock:
            read = {
                table: rows(of_table, table, at.get(table, "seen_at"))
                for table, of_table in columns.items()
            }
        return Watched(
            jobs=sound(history_rows.job, read["jobs"]),
            percents=sound(history_rows.percent, read["percents"]),
            changes=sound(history_rows.change, read["changes"]),
            counts=sound(history_rows.counts, read["counts"]),
            spans=sound(history_rows.span, read["watched"]),
        )


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file, creating it if needed. Raises DatabaseError if it is not a history."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # File names and errors are private.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if is_no_database(head):
        raise _ForeignFileError
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        with database:
            _require_ours(database)
        # Losing the last second is harmless; waiting for the disk at each response is not.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    return database


def _require_ours(database: sqlite3.Connection) -> None:
    """Create the tables in an empty file. Raises if there are other tables, or damage."""

    def value(statement: str) -> Any:
        return database.execute(statement).fetchone()[0]

    database.execute("BEGIN IMMEDIATE")  # all tables or none, even if two apps start at once
    if not value("SELECT COUNT(*) FROM sqlite_master"):
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
    elif value("PRAGMA application_id") != APPLICATION:
        raise _ForeignFileError
    if value("PRAGMA user_version") != _VERSION or value("PRAGMA quick_check(1)") != "ok":
        raise _DamagedError


def _reason(error: Exception) -> str:
    """Return the reason without the path, which is private."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
