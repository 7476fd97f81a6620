"""The file in which what was watched survives a restart: SQLite, bounded, and never fatal."""

import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vpo_monitor.insight.watching.changes import Change, Kind
from vpo_monitor.insight.watching.job_record import JobRecord

_VERSION = 1
_BUSY_SECONDS = 1.0
_EACH_JOBS = 5
"""Changes, percents and counts that are kept for each job that may be."""

_APPLICATION = 0x56504F4D
"""Marks a file as ours ("VPOM"), in the place that SQLite has for it."""
_LARGEST = 2**63 - 1

_log = logging.getLogger(__name__)

_JOB_FIELDS = tuple(one.name for one in fields(JobRecord))
_TIMES = frozenset({"created_at", "started_at", "completed_at"})
# `server` is the address: one file may hold what several servers told.
_SCHEMA = f"""
CREATE TABLE jobs (server TEXT, seen_at REAL, {", ".join(_JOB_FIELDS)}, PRIMARY KEY (server, id));
CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT, file_path TEXT,
    PRIMARY KEY (server, at, kind, job_id));
CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at));
PRAGMA user_version = {_VERSION};
PRAGMA application_id = {_APPLICATION};
"""


class _ForeignFileError(Exception):
    """The file is a sound database, but not a history."""


@dataclass(frozen=True)
class Counts:
    """The health's counts as they were from `at` on (UTC, the server's clock)."""

    at: datetime
    running: int | None
    queued: int | None
    failed: int | None
    workers: int | None


@dataclass(frozen=True)
class Percent:
    """A job's percent, as first seen `at` (UTC, the server's clock)."""

    at: datetime
    job_id: str
    percent: float


@dataclass
class Watched:
    """Everything that was watched, or what one answer adds to it; the oldest first.

    `spans` are the times in which somebody watched, from and until.
    """

    jobs: list[JobRecord] = field(default_factory=list)
    percents: list[Percent] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)


class History:
    """Keeps what was watched of one server for `days` days, and at most `most_jobs` jobs.

    With no path nothing is kept. Nothing here raises: a damaged file is set aside, one that cannot
    be written is left alone, and `problem` says so in a sentence. Safe for several threads.
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

    def load(self) -> Watched:
        """Open the file, drop what is too old or too much, and give the rest."""
        if self._path is None:
            return Watched()
        for _attempt in range(2):  # the second is with a new file in place of a damaged one
            with self._guarded():
                self._database = _opened(self._path)
                self._prune()
                return self._read()
            if self._path.exists():
                break  # it is not damaged, or cannot be moved: it stays as it is
        return Watched()

    def add(self, news: Watched) -> None:
        """Keep what an answer added."""
        with self._guarded():
            if self._database is not None:
                with self._lock, self._database as database:
                    self._write(database, news)

    def prune(self) -> None:
        """Drop what is too old or too much."""
        with self._guarded():
            self._prune()

    def close(self) -> None:
        """Let go of the file."""
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
                "The file set as the history is another program's, so it is left alone and the "
                "history lasts until a restart. Set VPO_MONITOR_HISTORY to a file of its own."
            )
        except (sqlite3.OperationalError, OSError) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                _log.warning("The history was in use by another program: one answer is not in it.")
            else:
                reason = _reason(error)
                self._stop(f"The history cannot be kept: {reason}. It lasts until a restart.")
        except (sqlite3.DatabaseError, TypeError, ValueError, OverflowError):
            self._set_aside()

    def _stop(self, problem: str) -> None:
        self.close()
        if self.problem != problem:
            _log.warning("%s", problem)
        self.problem = problem

    def _set_aside(self) -> None:
        """Move a file that is no history out of the way, with what belongs to it."""
        self.close()
        assert self._path is not None  # noqa: S101 - without a path there is no database
        aside = self._path.with_name(f"{self._path.name}.damaged-{self._utcnow():%Y%m%d-%H%M%S}")
        try:
            self._path.replace(aside)
            for ending in ("-wal", "-shm"):
                Path(f"{self._path}{ending}").unlink(missing_ok=True)
        except OSError as error:
            self._stop(f"The history is damaged and cannot be set aside: {_reason(error)}.")
            return
        self.problem = f"The history was damaged; it is set aside as {aside.name}, and a new begun."
        _log.warning("%s", self.problem)

    def _write(self, database: sqlite3.Connection, news: Watched) -> None:
        now, server = self._utcnow().timestamp(), self._server

        def put(table: str, rows: Iterable[Sequence[Any]]) -> None:
            values = [(server, *row) for row in rows]
            if values:
                places = ", ".join("?" * len(values[0]))
                database.executemany(f"REPLACE INTO {table} VALUES ({places})", values)  # noqa: S608

        put("jobs", [(now, *map(_stored, astuple(job))) for job in news.jobs])
        put("percents", [(p.at.timestamp(), p.job_id, p.percent) for p in news.percents])
        put(
            "changes",
            [(c.at.timestamp(), c.kind, c.job_id, c.job_type, c.file_path) for c in news.changes],
        )
        put("counts", [(c.at.timestamp(), *astuple(c)[1:]) for c in news.counts])
        put("watched", [(begin.timestamp(), end.timestamp()) for begin, end in news.spans])
        database.executemany(
            "DELETE FROM jobs WHERE server = ? AND id = ?", [(server, one) for one in news.vanished]
        )

    def _prune(self) -> None:
        if self._database is None:
            return
        oldest = (self._utcnow() - self._keep).timestamp()
        most = self._most_jobs
        with self._lock, self._database as database:
            for table, time, rows in (
                ("jobs", "seen_at", most),
                ("percents", "at", most * _EACH_JOBS),
                ("changes", "at", most * _EACH_JOBS),
                ("counts", "at", most * _EACH_JOBS),
                ("watched", "until", most),
            ):
                database.execute(f"DELETE FROM {table} WHERE {time} < ?", (oldest,))  # noqa: S608
                database.execute(
                    f"DELETE FROM {table} WHERE rowid IN"  # noqa: S608
                    f" (SELECT rowid FROM {table} ORDER BY {time} DESC LIMIT -1 OFFSET ?)",
                    (rows,),
                )

    def _read(self) -> Watched:
        assert self._database is not None  # noqa: S101 - only `load` asks
        database, server = self._database, (self._server,)
        kept = Watched()
        with self._lock:
            names = ", ".join(_JOB_FIELDS)
            for row in database.execute(
                f"SELECT {names} FROM jobs WHERE server = ? ORDER BY seen_at",  # noqa: S608
                server,
            ):
                kept.jobs.append(_job(dict(zip(_JOB_FIELDS, row, strict=True))))
            for at, *rest in database.execute(
                "SELECT at, job_id, percent FROM percents WHERE server = ? ORDER BY at", server
            ):
                kept.percents.append(Percent(_moment(at), *rest))
            for at, kind, *rest in database.execute(
                "SELECT at, kind, job_id, job_type, file_path FROM changes WHERE server = ?"
                " ORDER BY at",
                server,
            ):
                kept.changes.append(Change(_moment(at), Kind(kind), *rest))
            for at, *rest in database.execute(
                "SELECT at, running, queued, failed, workers FROM counts WHERE server = ?"
                " ORDER BY at",
                server,
            ):
                kept.counts.append(Counts(_moment(at), *rest))
            for begin, end in database.execute(
                "SELECT at, until FROM watched WHERE server = ? ORDER BY at", server
            ):
                kept.spans.append((_moment(begin), _moment(end)))
        return kept


def _opened(path: Path) -> sqlite3.Connection:
    """The file, made where there is none; DatabaseError where it is something else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Names of files and errors are nobody else's business.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        _require_ours(database)
        # A lost last second is no harm here, a wait for the disk at each answer is.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        database.close()
        raise
    return database


def _require_ours(database: sqlite3.Connection) -> None:
    """Make the tables in an empty file; raise where there are others, or damage."""

    def value(statement: str) -> Any:
        return database.execute(statement).fetchone()[0]

    if not value("SELECT COUNT(*) FROM sqlite_master"):
        database.executescript(_SCHEMA)
    elif value("PRAGMA application_id") != _APPLICATION:
        raise _ForeignFileError
    elif value("PRAGMA user_version") != _VERSION:
        raise sqlite3.DatabaseError("of another version")
    if value("PRAGMA quick_check(1)") != "ok":
        raise sqlite3.DatabaseError("damaged")


def _stored(value: Any) -> Any:
    """A value as SQLite takes it; a whole number beyond its 64 bits is not kept."""
    if isinstance(value, datetime):
        return value.timestamp()
    return None if isinstance(value, int) and abs(value) > _LARGEST else value


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _job(row: dict[str, Any]) -> JobRecord:
    for name in _TIMES:
        row[name] = None if row[name] is None else _moment(row[name])
    return JobRecord(**{**row, "has_detail": bool(row["has_detail"])})


def _reason(error: Exception) -> str:
    """Why, without the path, which is nobody's business."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)
