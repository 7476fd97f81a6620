"""The SQLite database of everything seen: the history file, or memory while that can't be used."""

import contextlib
import errno
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from vpo_monitor.history import schema

if sys.platform != "win32":
    import fcntl

T = TypeVar("T")

_BUSY_SECONDS = 0.5
_RETRY_EVERY = timedelta(seconds=30)
"""Time between attempts to use a file that could not be used."""
_MOST_WAL_BYTES = 4 * 2**20
_TABLES = ("jobs", "percents", "changes", "counts", "watched", "reports", "reachability")
_REJECTED = (
    TypeError,
    ValueError,
    OverflowError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
)
"""Errors that are due to the data, so that another attempt is no use."""

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

_log = logging.getLogger(__name__)


class _InUseError(Exception):
    """Another process writes to the file."""


class Store:
    """The database, for all servers of the app. Thread-safe.

    With `path` None, it is in memory. It is also in memory while the file can't be used, with a
    copy of the file's contents if possible; every 30 s the next writer tries the file again, and
    adds what was seen in the meantime. A damaged file is renamed; a foreign or newer one is left
    alone. Only one process uses a file. Readers have their own connection to the file, so that they
    never wait for a writer.
    """

    def __init__(
        self, path: Path | None, *, utcnow: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._path = path
        self._utcnow = utcnow
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._writer = self._reader = _in_memory()
        self._claim: int | None = None  # descriptor of the lock against other processes
        self._opens_at = datetime.min.replace(tzinfo=UTC)
        self._has_data = False
        self._saved: dict[str, int] = {}  # by table, the last row in memory that the file has
        self._obstacle: str | None = None  # why nothing is saved now
        self._damage: str | None = None  # what happened to a damaged file
        with self._write_lock:
            self._use_file()

    @property
    def problem(self) -> str | None:
        """What prevents saving, or prevented it; a message for the Server page."""
        return self._obstacle or self._damage

    def read(self, query: str, *parameters: Any) -> list[Any]:
        """Return the rows of a query."""
        reader = self._reader
        try:
            return self._read(query, parameters)
        except sqlite3.Error as error:
            with self._write_lock:
                if self._reader is reader and self._is_in_file:
                    self._leave_file(error)
            return self._read(query, parameters)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do the work in a transaction; None if its data can't be stored.

        If the file fails, the work is done once more, in memory.
        """
        with self._write_lock:
            if not self._is_in_file and self._utcnow() >= self._opens_at:
                self._use_file()
            try:
                return self._transact(work)
            except _REJECTED as error:
                _log.warning("Data from VPO couldn't be stored (%s).", type(error).__name__)
                return None
            except sqlite3.Error as error:
                self._leave_file(error)
                return self._transact(work)

    def close(self) -> None:
        """Close the file, after a last attempt to save what it lacks."""
        with self._write_lock:
            if not self._is_in_file:
                self._use_file()
            self._path = None
            self._use(memory := _in_memory(), memory)
            if self._claim is not None:
                os.close(self._claim)
            self._claim = None

    def __del__(self) -> None:
        """Close the connections, as Python does since 3.13 only with a warning."""
        self._writer.close()
        self._reader.close()

    @property
    def _is_in_file(self) -> bool:
        return self._writer is not self._reader

    def _read(self, query: str, parameters: tuple[Any, ...]) -> list[Any]:
        with self._read_lock:
            return self._reader.execute(query, parameters).fetchall()

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        # In memory, readers use the same connection, and must not see half a transaction.
        shared = contextlib.nullcontext() if self._is_in_file else self._read_lock
        with shared, self._writer as database:
            database.execute("BEGIN IMMEDIATE")
            self._has_data = True
            return work(database)

    def _use(self, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        with self._read_lock:
            before = self._writer, self._reader
            self._writer, self._reader = writer, reader
        for connection in before:
            connection.close()

    def _use_file(self) -> None:
        """Move from memory to the file, if possible."""
        if self._path is None:
            return
        with self._guarded():
            self._open(self._path)
            if self._obstacle is not None:
                _log.info("History is being saved again.")
            self._obstacle = None

    def _open(self, path: Path) -> None:
        file = _connected(path)
        try:
            schema.migrate(file, self._claim_file)
            try:
                self._claim_file()
                _write_ahead(file)
                self._save_to(file)
            except BaseException:
                if not self._has_data:  # what cannot be written can often be read
                    self._use_copy_of(file)
                raise
            reader = _connected(path)
        except BaseException:
            file.close()
            raise
        self._use(file, reader)

    def _save_to(self, file: sqlite3.Connection) -> None:
        """Add the rows in memory that the file lacks."""
        with file:
            file.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
                names, places = ", ".join(columns), ", ".join("?" * len(columns))
                rows = self._writer.execute(
                    f"SELECT {names} FROM {table} WHERE rowid > ? ORDER BY rowid",  # noqa: S608
                    (self._saved.get(table, 0),),
                )
                file.executemany(f"REPLACE INTO {table} ({names}) VALUES ({places})", rows)  # noqa: S608

    def _use_copy_of(self, file: sqlite3.Connection) -> None:
        """Continue in memory with the contents of the file, or empty if it can't be read."""
        memory = _in_memory()
        try:
            file.backup(memory)
        except sqlite3.Error:
            memory.close()
            memory = _in_memory()
        self._saved = {
            table: memory.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0  # noqa: S608
            for table in _TABLES
        }
        self._use(memory, memory)

    def _leave_file(self, error: sqlite3.Error) -> None:
        """Continue in memory, or in a new file if this one is damaged."""
        if not self._is_in_file:
            raise error
        failed = self._reader
        with self._guarded():
            raise error
        if self._reader is failed:  # it has not been replaced
            self._use_copy_of(failed)

    def _claim_file(self) -> None:
        """Raise _InUseError if another process writes to the file; otherwise keep others off."""
        if self._claim is None and self._path is not None:
            self._claim = _claimed(self._path)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except schema.ForeignFileError:
            self._give_up(_FOREIGN)
        except schema.NewerVersionError:
            self._give_up(_NEWER)
        except _InUseError:
            self._report(_IN_USE)
        except schema.DamagedError:
            self._set_aside()
        except sqlite3.Error as error:
            self._fail(error)
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            self._report(_FULL if is_full else _unwritable(error))

    def _fail(self, error: sqlite3.Error) -> None:
        kind = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # without its subtype
        if kind == sqlite3.SQLITE_NOTADB and self._path and _is_no_database(self._path):
            self._give_up(_FOREIGN)
        elif kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            self._set_aside()
        elif kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._report(_LOCKED)
        else:
            self._report(_FULL if kind == sqlite3.SQLITE_FULL else _unwritable(error))

    def _report(self, obstacle: str) -> None:
        """Tell what prevents saving, once."""
        if self._obstacle != obstacle:
            _log.warning("%s", obstacle)
        self._obstacle = obstacle
        self._opens_at = self._utcnow() + _RETRY_EVERY

    def _give_up(self, obstacle: str) -> None:
        self._report(obstacle)
        self._path = None

    def _set_aside(self) -> None:
        """Rename a damaged history with its log, and start a new one."""
        path = self._path
        assert path is not None  # noqa: S101 - without a path there is no file
        if self._is_in_file:
            self._use(memory := _in_memory(), memory)
            self._saved = {}
        aside = path.with_name(f"{path.name}.damaged-{self._utcnow():%Y%m%d-%H%M%S}")
        try:
            self._claim_file()
            path.replace(aside)
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}-wal").replace(f"{aside}-wal")
            Path(f"{path}-shm").unlink(missing_ok=True)
            self._open(path)
        except (OSError, sqlite3.Error, _InUseError) as error:
            self._report(
                f"The history file is damaged, and a new one can't be created: {_reason(error)}."
            )
            return
        self._damage = (
            f"The history file was damaged. It was renamed to {aside.name}, "
            "and a new one was created."
        )
        _log.warning("%s", self._damage)


def _in_memory() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    schema.migrate(database, lambda: None)
    return database


def _connected(path: Path) -> sqlite3.Connection:
    """Open the file, which is created if needed.

    While it is open, no other code of this process may open and close it, because that would
    release SQLite's locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # file names and errors are private
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _write_ahead(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    # Losing the last second is harmless; waiting for the disk at each response is not.
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(f"PRAGMA journal_size_limit = {_MOST_WAL_BYTES}")


def _claimed(path: Path) -> int:
    """Lock the file for this process; returns a descriptor.

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


def _is_no_database(path: Path) -> bool:
    with path.open("rb") as file:
        return schema.is_no_database(file.read(schema.HEAD_BYTES))


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
