"""The history file, which preserves observations over restarts. SQLite, bounded, never fatal."""

import contextlib
import errno
import logging
import os
import sqlite3
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vpo_monitor.history import history_rows
from vpo_monitor.history.facts import Watched
from vpo_monitor.history.history_rows import sound, stored

if sys.platform != "win32":
    import fcntl

_APPLICATION = 0x56504F4D
"""The mark of this app's files ("VPOM"), stored as SQLite's application id."""
_HEAD = b"SQLite format 3\0"
HEAD_BYTES = 100
"""Bytes that identify a file: the header of an SQLite file."""

_BUSY_SECONDS = 0.5
_RETRY_EVERY = timedelta(seconds=30)
"""Time between attempts to open a file that could not be opened."""
_MOST_UNSAVED = 1000
"""Responses to keep while the file cannot be written; older ones are lost."""
_EACH_JOBS = 5
"""Rows of changes, percentages and counts to keep, per job allowed."""
_MOST_WAL_BYTES = 4 * 2**20
_REJECTED = (
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
)
"""Errors of SQLite that are due to the data, so that another attempt is no use."""

_log = logging.getLogger(__name__)

# `server` is the address, because one file may hold several servers.
_MIGRATIONS: tuple[str, ...] = (
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
)
"""Each step leads to the next version of the schema, from an empty file on.

Never edit a step that has been released; append one, and to the test what the former left on disk.
"""

_TABLES = {
    "jobs": ("seen_at", *history_rows.JOB_FIELDS),
    "percents": ("at", "job_id", "percent"),
    "changes": ("at", "kind", "job_id", "job_type", "file_path"),
    "counts": ("at", "running", "queued", "failed", "workers"),
    "watched": ("at", "until"),
}
"""The columns of each table, without the server."""

_FOREIGN = (
    "History isn't being saved: VPO_MONITOR_HISTORY names another program's file. "
    "Set it to a file of its own, then restart the app."
)
_NEWER = (
    "History isn't being saved: a newer version of this app wrote the file, which is left as it "
    "is. Upgrade the app, or set VPO_MONITOR_HISTORY to another file."
)
_IN_USE = (
    "History isn't being saved: another app uses the same file. "
    "Stop that app, or set VPO_MONITOR_HISTORY to a file of its own and restart this one."
)
_LOCKED = (
    "History isn't being saved: another program has locked the file. "
    "Close that program, and saving resumes."
)
_FULL = "History isn't being saved: the disk is full. Free some space, and saving resumes."


class _ForeignFileError(Exception):
    """The file belongs to another program."""


class _NewerVersionError(Exception):
    """The file is a history of a version that this app doesn't know."""


class _InUseError(Exception):
    """Another process writes to the file."""


class _DamagedError(Exception):
    """The file is a damaged history."""


class History:
    """Stored observations of one server, for `days` days and at most `most_jobs` jobs.

    The file may hold other servers too, each with its own limits. Data of a server that is no
    longer monitored expires by age. Only one process writes to a file, which may have several
    histories.

    With `path` None, nothing is stored. No method raises: a damaged file is renamed, a foreign or
    newer one is left alone, and an unwritable one is tried again with the next observations, which
    wait in memory. Thread-safe; `add` doesn't wait for another thread that writes.
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
        self._path = path
        self._server = server
        self._keep = timedelta(days=days)
        self._most_jobs = most_jobs
        self._utcnow = utcnow
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._file_id: tuple[int, int] | None = None  # of the open file
        self._claim: int | None = None  # descriptor of the lock against other processes
        self._opens_at = datetime.min.replace(tzinfo=UTC)
        self._unsaved: deque[Watched] = deque(maxlen=_MOST_UNSAVED)
        self._rows_since_prune = 0
        self._obstacle: str | None = None  # why nothing is saved now
        self._damage: str | None = None  # what happened to a damaged file

    @property
    def problem(self) -> str | None:
        """What prevents saving, or prevented it; a message for the Server page."""
        return self._obstacle or self._damage

    def load(self) -> Watched:
        """Open the file, prune it and return its contents."""
        kept = Watched()
        with self._lock, self._guarded():
            self._close_database()  # left open by an earlier call
            if self._path is not None:
                self._open(self._path)
                try:
                    self._claim_file()
                    self._drop_old()
                finally:  # what cannot be written can often be read
                    kept = self._read()
        return kept

    def add(self, news: Watched) -> None:
        """Store the observations of one response."""
        if self._path is None:
            return
        self._unsaved.append(news)
        if not self._lock.acquire(blocking=False):
            return  # saved by the thread that is writing now, or by the next call
        try:
            with self._guarded():
                self._save()
        finally:
            self._lock.release()

    def prune(self) -> None:
        """Delete entries that are too old or too many."""
        with self._lock, self._guarded():
            if self._database is not None and self._claim is not None:
                self._drop_old()

    def close(self) -> None:
        """Save what is unsaved, if possible, and close the file."""
        with self._lock:
            if self._unsaved and self._database is not None:
                with self._guarded():
                    self._save()
            self._close_database()
            if self._claim is not None:
                os.close(self._claim)
            self._claim = None

    def _open(self, path: Path) -> None:
        self._database = _opened(path, self._claim_file)
        file = path.stat()
        self._file_id = file.st_dev, file.st_ino

    def _close_database(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None

    def _claim_file(self) -> None:
        """Raise _InUseError if another process writes to the file; otherwise keep others off."""
        if self._claim is None and self._path is not None:
            self._claim = _claimed(self._path)

    def _save(self) -> None:
        """Save the unsaved responses, each wholly or not at all."""
        if self._path is None:
            return
        if self._database is None:
            if self._utcnow() < self._opens_at:
                return
            self._open(self._path)
        self._claim_file()
        while self._unsaved and self._database is not None:
            news = self._unsaved.popleft()
            try:
                with self._database as database:
                    self._write(database, news)
            except (TypeError, ValueError, OverflowError, *_REJECTED) as error:
                _log.warning("Data from VPO couldn't be stored (%s).", type(error).__name__)
            except BaseException:
                if len(self._unsaved) < _MOST_UNSAVED:
                    self._unsaved.appendleft(news)
                raise
            self._rows_since_prune += len(news.jobs) + len(news.changes) + len(news.percents)
            if self._rows_since_prune > self._most_jobs:
                self._drop_old()
        if self._obstacle is not None:
            _log.info("History is being saved again.")
        self._obstacle = None

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except _ForeignFileError:
            self._give_up(_FOREIGN)
        except _NewerVersionError:
            self._give_up(_NEWER)
        except _InUseError:
            self._report(_IN_USE)
        except _DamagedError:
            self._set_aside()
        except sqlite3.Error as error:
            self._fail(error)
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            self._report(_FULL if is_full else _unwritable(error))

    def _fail(self, error: sqlite3.Error) -> None:
        kind = _kind_of(error)
        if kind == sqlite3.SQLITE_NOTADB and self._path and is_no_database(_head_of(self._path)):
            self._give_up(_FOREIGN)
        elif kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            self._set_aside()
        elif kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._report(_LOCKED)
        else:
            self._report(_FULL if kind == sqlite3.SQLITE_FULL else _unwritable(error))

    def _report(self, obstacle: str) -> None:
        """Tell what prevents saving, once; the next observations try again."""
        if self._obstacle != obstacle:
            _log.warning("%s", obstacle)
        self._obstacle = obstacle
        self._opens_at = self._utcnow() + _RETRY_EVERY

    def _give_up(self, obstacle: str) -> None:
        self._report(obstacle)
        self._close_database()
        self._path = None
        self._unsaved.clear()

    def _set_aside(self) -> None:
        """Rename a damaged history with its log, and start a new one."""
        self._close_database()
        path = self._path
        assert path is not None  # noqa: S101 - without a path there is no database
        aside = path.with_name(f"{path.name}.damaged-{self._utcnow():%Y%m%d-%H%M%S}")
        try:
            file = path.stat()
            # Otherwise the history of another server has replaced it already.
            is_still_there = self._file_id in (None, (file.st_dev, file.st_ino))
            if is_still_there:
                path.replace(aside)
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{path}-wal").replace(f"{aside}-wal")
                Path(f"{path}-shm").unlink(missing_ok=True)
            self._file_id = None
            self._open(path)
        except (OSError, sqlite3.Error, _InUseError) as error:
            self._report(
                f"The history file is damaged, and a new one can't be created: {_reason(error)}."
            )
            return
        if not is_still_there:
            return
        self._damage = (
            f"The history file was damaged. It was renamed to {aside.name}, "
            "and a new one was created."
        )
        _log.warning("%s", self._damage)

    def _write(self, database: sqlite3.Connection, news: Watched) -> None:
        now, server = self._utcnow().timestamp(), self._server

        def put(table: str, rows: Iterable[Sequence[Any]]) -> None:
            columns = ("server", *_TABLES[table])
            database.executemany(
                f"REPLACE INTO {table} ({', '.join(columns)})"  # noqa: S608
                f" VALUES ({', '.join('?' * len(columns))})",
                [(server, *row) for row in rows],
            )

        put("jobs", [(now, *map(stored, astuple(job))) for job in news.jobs])
        gone = [(server, job_id) for job_id in (*news.requeued, *news.vanished)]
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

    def _drop_old(self) -> None:
        """Delete entries that are too old or too many; SQLite uses their space again."""
        assert self._database is not None  # noqa: S101 - the callers have opened it
        oldest, most = (self._utcnow() - self._keep).timestamp(), self._most_jobs
        with self._database as database:
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
        self._rows_since_prune = 0

    def _read(self) -> Watched:
        assert self._database is not None  # noqa: S101 - only `load` calls this
        read = {
            table: self._database.execute(
                f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608
                f" WHERE server = ? ORDER BY {columns[0]}",
                (self._server,),
            ).fetchall()
            for table, columns in _TABLES.items()
        }
        return Watched(
            jobs=sound(history_rows.job, read["jobs"]),
            percents=sound(history_rows.percent, read["percents"]),
            changes=sound(history_rows.change, read["changes"]),
            counts=sound(history_rows.counts, read["counts"]),
            spans=sound(history_rows.span, read["watched"]),
        )


def is_no_database(head: bytes) -> bool:
    """Whether a file with this header is not an SQLite file; an empty one may become one."""
    return not head.startswith(_HEAD) and bool(head[: len(_HEAD)].strip(b"\0"))


def is_of_others(head: bytes) -> bool:
    """Whether a file with this header belongs to another program, using SQLite or not."""
    is_unmarked = head.startswith(_HEAD) and int.from_bytes(head[68:72]) != _APPLICATION
    return is_no_database(head) or is_unmarked


def is_newer(head: bytes) -> bool:
    """Whether a history with this header was written by a newer version of this app."""
    return head.startswith(_HEAD) and int.from_bytes(head[60:64]) > len(_MIGRATIONS)


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _opened(path: Path, claim: Callable[[], None]) -> sqlite3.Connection:
    """Open the file, creating or migrating it if needed; `claim` is called before migrating.

    Raises DatabaseError if it is not a database. While it is open, no other code of this process
    may open and close it, because that would release SQLite's locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # file names and errors are private
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        with database:
            _migrate(database, claim)
        # Losing the last second is harmless; waiting for the disk at each response is not.
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _kind_of(error) != sqlite3.SQLITE_BUSY:  # another history is doing the same now
                raise
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(f"PRAGMA journal_size_limit = {_MOST_WAL_BYTES}")
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: sqlite3.Connection, claim: Callable[[], None]) -> None:
    """Lead an empty file or an earlier version to the current one. Raises if that's impossible."""
    database.execute("BEGIN")
    version = _version_of(database)
    database.rollback()
    if version == len(_MIGRATIONS):
        return  # so that a reader doesn't wait for a writer
    database.execute("BEGIN IMMEDIATE")  # all steps or none, even if two apps start at once
    version = _version_of(database)
    if version > 0:
        claim()
    for step in _MIGRATIONS[version:]:
        for statement in step.split(";"):
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
    database.execute(f"PRAGMA application_id = {_APPLICATION}")


def _version_of(database: sqlite3.Connection) -> int:
    """Return the version of the schema, 0 for an empty file. Raises if it can't be used."""

    def value(statement: str) -> Any:
        return database.execute(statement).fetchone()[0]

    mark, version = value("PRAGMA application_id"), value("PRAGMA user_version")
    # Before anything else is read, because a newer schema may be unreadable.
    if mark == _APPLICATION and version > len(_MIGRATIONS):
        raise _NewerVersionError
    if mark == version == 0 and not value("SELECT COUNT(*) FROM sqlite_master"):
        return 0
    if mark != _APPLICATION:
        raise _ForeignFileError
    if version < 1 or value("PRAGMA quick_check(1)") != "ok":
        raise _DamagedError
    return int(version)


def _claimed(path: Path) -> int:
    """Lock the file for this process, all of whose histories may write; returns a descriptor.

    Raises _InUseError if another process has locked it. On Windows, that goes unnoticed.
    """
    descriptor = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if sys.platform != "win32":
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            os.close(descriptor)
            raise _InUseError from None
        # The file system has no locks.
    return descriptor


def _kind_of(error: sqlite3.Error) -> int:
    """Return SQLite's code of a failure without its subtype; 0 if it is Python's."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _unwritable(error: Exception) -> str:
    return (
        f"History isn't being saved: {_reason(error)}. Check the disk and the permissions of the "
        "file and its folder, or set VPO_MONITOR_HISTORY to another file."
    )


def _reason(error: Exception) -> str:
    """Return the reason without the path, which is private."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
