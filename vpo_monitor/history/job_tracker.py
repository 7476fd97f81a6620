"""Record what responses show of a server's jobs, and answer questions about it from the store."""

import json
import math
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from vpo_monitor.api.models import TERMINAL_STATUSES, JobPage, JobReport
from vpo_monitor.history import rows
from vpo_monitor.history.ingestion import MONITORED_GAP, Ingestion, RequestTimes
from vpo_monitor.history.records import (
    COUNTS_GOOD_FOR,
    Change,
    Counts,
    CountsSlot,
    FinishedRun,
    JobRecord,
    Kind,
    Percent,
    QueuePeak,
    QueueTimes,
    ReachabilitySpan,
    Span,
)
from vpo_monitor.history.store import Store
from vpo_monitor.polling.queries import Query

T = TypeVar("T")

_PRUNE_EVERY = timedelta(hours=1)
_COARSE_EVERY = timedelta(seconds=15)
_KEPT_SHARE = 0.95
"""The share of the limit to keep when it is exceeded, so that pruning is rare."""
_EACH_JOBS = 5
"""Rows of percentages and counts to keep, per job allowed."""
_MOST_UNDETAILED = 500
"""Maximum jobs considered when choosing the next details to request."""
_MOST_VIEWED = 100
_VIEWED_FOR = timedelta(seconds=60)
_MOST_OF_FILE = 100
_MOST_RUN_TIMES = 200
DEFAULT_PRIORITY = 100
"""VPO's priority for a job without an explicit one; lower values run first."""
_MOST_CACHED = 1000
"""Results of queries."""
_MOST_PERCENTS = 150
_MOST_COUNTS = 1000
_MOST_SLOT_LENGTHS = 8
_MOST_SPANS = 1000
_MOST_TURNS = 1000
_SAME_STALL = timedelta(seconds=60)
_MOST_STATES = 20_000
_HIGH = 0.9
_JOBS = f"SELECT {rows.JOB_COLUMNS} FROM jobs WHERE server = ? AND "  # noqa: S608
_EVER, _ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_FIRST_TIME = "coalesce(created_at, started_at, completed_at)"
_FINISHED = "status IN ('completed', 'failed', 'cancelled')"
# A finished job whose end is unknown was there until the last of its known times.
_THERE = (
    "CASE WHEN completed_at IS NOT NULL THEN completed_at"
    f" WHEN {_FINISHED} THEN max(ifnull(created_at, 0.0), ifnull(started_at, 0.0))"
    " ELSE 9e999 END >= ?"
)
_RUN_TIME = "status = 'completed' AND run_seconds IS NOT NULL"


class JobTracker:
    """The jobs, changes, percentages and counts of one server, given by its address. Thread-safe.

    All times are UTC by the server's clock, so that they are comparable with those in its
    responses; `ahead` returns its difference to ours in seconds. At most `most_jobs` jobs are kept,
    for `days` days. `watch_interval` is the time in seconds between the polls of the app itself,
    None if there are none; a time without responses that is longer than `gap` was not monitored,
    nor one without counts that is longer than `counts_good_for`.
    `revision` increases with every change, `state_changes` with each of the server's reachability.
    `caught_up_at` is when background requests were last sent, by the poller's clock.
    """

    def __init__(
        self,
        store: Store,
        server: str,
        *,
        most_jobs: int,
        days: float = 30.0,
        watch_interval: float | None = None,
        ahead: Callable[[], float] = lambda: 0.0,
        utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.revision = self.state_changes = 0
        self.caught_up_at = -math.inf
        self.gap = MONITORED_GAP + timedelta(seconds=watch_interval or 0.0)
        self.counts_good_for = COUNTS_GOOD_FOR + timedelta(seconds=watch_interval or 0.0)
        self.server = server
        self._most = most_jobs
        self._keep = timedelta(days=days)
        self._ahead = ahead
        self._utcnow = utcnow
        self._lock = threading.Lock()
        self._requests = RequestTimes()
        self._settled = self._coarse = 0
        # Results of queries, until progress or anything else changes, or only the latter. They are
        # replaced rather than cleared: a reader that is late adds to what nobody uses any more.
        self._until_progress: dict[Any, Any] = {}
        self._until_settled: dict[Any, Any] = {}
        self._slots: dict[timedelta, tuple[int, list[CountsSlot]]] = {}
        self._turns: tuple[float, list[tuple[datetime, bool]]] = (-math.inf, [])
        self._viewed: dict[str, datetime] = {}
        self._claimed: dict[str, datetime] = {}
        self._pruned_at = self.now()
        self._coarse_at = self._pruned_at - _COARSE_EVERY
        store.write(self._start)

    def now(self) -> datetime:
        """Return the time by the server's clock."""
        return self._utcnow() + timedelta(seconds=self._ahead())

    def ingest(self, query: Query[Any], answer: Any, asked_at: float, took: float) -> None:
        """Record a response, or the error in its place.

        It was requested at `asked_at`, by the poller's clock, which is monotonic, and took `took`
        seconds.
        """
        now = self.now()

        def ingest(database: sqlite3.Connection) -> Ingestion:
            asked = now - timedelta(seconds=took)
            seen = Ingestion(database, self.server, self._requests, asked_at, asked, now, self.gap)
            seen.ingest(query, answer)
            return seen

        with self._lock:
            seen = self.store.write(ingest)
            if seen is None:
                return
            if isinstance(answer, JobPage):  # not before it is stored, as that is tried twice
                self._requests.note_list(query, seen.asked)
            if seen.has_changed:
                self._until_progress = {}
            if seen.has_settled or seen.has_counted:
                self._until_settled = {}
            self.revision += seen.has_changed
            self.state_changes += seen.has_new_state
            self._settled += seen.has_settled
            self._job_count += seen.added
            if self._job_count > self._most or abs(now - self._pruned_at) > _PRUNE_EVERY:
                self._pruned_at = now
                self.store.write(self._prune)

    def add_size(self, job_id: str, size: int | None) -> None:
        """Record the size of a job's file in bytes, None if VPO doesn't know it."""

        def add(database: sqlite3.Connection) -> int:
            return database.execute(
                "UPDATE jobs SET size_bytes = ? WHERE server = ? AND id = ?",
                (rows.stored(size) or 0, self.server, job_id),
            ).rowcount

        with self._lock:
            is_known = self.store.write(add)
            self._until_progress = {}
            self.revision += bool(is_known and size)

    def add_stalled(self, record: JobRecord, at: datetime) -> None:
        """Record that a job has been stalled since `at`, unless that is known."""
        known = "SELECT 1 FROM changes WHERE server = ? AND kind = ? AND job_id = ? AND at > ?"
        before = (at - _SAME_STALL).timestamp()
        if self._read(known, Kind.STALLED, record.id, before):
            return
        row = (self.server, at.timestamp(), Kind.STALLED, record.id)
        with self._lock:
            self.store.write(
                lambda database: database.execute(
                    "REPLACE INTO changes (server, at, kind, job_id, job_type, file_path)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (*row, record.job_type, record.file_path),
                )
            )
            self._until_progress = {}
            self.revision += 1

    def record(self, job_id: str) -> JobRecord | None:
        """Return the record of one job."""
        return next(iter(self._cached(self._until_progress, _jobs, _JOBS + "id = ?", job_id)), None)

    def records_of(self, job_ids: Sequence[str]) -> dict[str, JobRecord]:
        """Return the known records of these jobs by id."""
        of_jobs = "id IN (SELECT value FROM json_each(?))"
        found = self._cached(self._until_progress, _jobs, _JOBS + of_jobs, json.dumps(job_ids))
        return {record.id: record for record in found}

    def view(self, job_ids: Sequence[str]) -> None:
        """Note that a viewer is looking at these jobs; for 60 s, their data is requested first."""
        now = self.now()
        with self._lock:
            for job_id in reversed(job_ids):
                self._viewed.pop(job_id, None)
                self._viewed[job_id] = now
            while len(self._viewed) > _MOST_VIEWED:
                del self._viewed[next(iter(self._viewed))]

    def claim_report(self, stats_id: str) -> None:
        """Note that a page requests this report itself, so that nobody else does for 60 s."""
        now = self.now()
        with self._lock:
            claims = (*self._claimed.items(), (stats_id, now))
            self._claimed = {one: at for one, at in claims if abs(now - at) <= _VIEWED_FOR}

    def is_claimed(self, stats_id: str) -> bool:
        """Whether a page requests this report itself."""
        at = self._claimed.get(stats_id)
        return at is not None and abs(self.now() - at) <= _VIEWED_FOR

    def viewed_without_detail(self) -> list[JobRecord]:
        """Return the viewed jobs without a detail, or with one that an earlier version stored."""
        return self._viewed_with(
            f"NOT is_detail_refused AND (NOT has_detail OR (stats_id IS NULL AND {_FINISHED}))"
        )

    def viewed_without_result(self) -> list[JobRecord]:
        """Return the viewed jobs whose report has not been requested."""
        return self._viewed_with("stats_id > '' AND result IS NULL")

    def without_result(self) -> list[JobRecord]:
        """Return up to 500 recent jobs whose report has not been requested."""
        return self._records(
            "stats_id > '' AND result IS NULL ORDER BY rowid DESC LIMIT ?", _MOST_UNDETAILED
        )

    def report(self, stats_id: str) -> JobReport | Literal[False] | None:
        """Return a report; None if it has not been requested, False if VPO doesn't have it."""
        found = self._read("SELECT report FROM reports WHERE server = ? AND stats_id = ?", stats_id)
        if not found:
            return None
        ((text,),) = found
        try:
            return JobReport.read(json.loads(text)) if text else False
        except ValueError:  # the file was edited
            return None

    def jobs_of_file(self, file_path: str) -> list[JobRecord]:
        """Return up to 100 known jobs of a file, the newest first."""
        of_file = f"file_path = ? ORDER BY {_FIRST_TIME} DESC LIMIT ?"
        return self._cached(self._until_progress, _jobs, _JOBS + of_file, file_path, _MOST_OF_FILE)

    def running(self) -> list[JobRecord]:
        """Return the jobs known to be running."""
        return self._records("status = 'running'")

    def next_queued(self, most: int) -> list[JobRecord]:
        """Return the jobs that VPO will start next, in its order as far as it is known."""
        condition = "status = 'queued' ORDER BY COALESCE(priority, ?), created_at LIMIT ?"
        return self._cached(self._until_progress, _jobs, _JOBS + condition, DEFAULT_PRIORITY, most)

    def missing(self) -> list[str]:
        """Return the missing jobs: they left their list and appeared in no other list since."""
        found = self._read("SELECT id FROM jobs WHERE server = ? AND is_missing ORDER BY rowid")
        return [job_id for (job_id,) in found]

    def undetailed(self) -> list[JobRecord]:
        """Return up to 500 recent jobs without a detail of their current status."""
        return self._records(
            "NOT has_detail AND NOT is_detail_refused ORDER BY rowid DESC LIMIT ?", _MOST_UNDETAILED
        )

    def records(
        self, since: datetime = _EVER, most: int = -1, until: datetime = _ALWAYS
    ) -> list[JobRecord]:
        """Return the jobs that were there at any time in between, or the newest of them."""
        return self._records(
            f"{_THERE} AND ifnull({_FIRST_TIME}, 0) <= ? ORDER BY {_FIRST_TIME} DESC, id DESC"
            " LIMIT ?",
            *(_seconds(since), until.timestamp(), most),
        )

    def count(self, since: datetime, until: datetime = _ALWAYS) -> tuple[int, int]:
        """Return the numbers of jobs that were there in between, and of those without any time."""
        query = (
            f"SELECT total({_THERE} AND {_FIRST_TIME} <= ?2),"  # noqa: S608
            f" total({_FIRST_TIME} IS NULL) FROM jobs WHERE server = ?3"
        )
        ((there, without_time),) = self.store.read(
            query, since.timestamp(), until.timestamp(), self.server
        )
        return int(there), int(without_time)

    def finished(self, since: datetime = _EVER) -> list[JobRecord]:
        """Return the finished jobs whose end is known and not before then."""
        return self._records(f"{_FINISHED} AND completed_at >= ?", _seconds(since))

    def failed(self, since: datetime | None) -> list[JobRecord]:
        """Return the jobs that failed since then, or at any time.

        Their records have only what an index holds: file, end and error.
        """
        ended, times = _ended(since)
        query = (
            "SELECT id, file_path, completed_at, error, has_detail"  # noqa: S608
            f" FROM jobs INDEXED BY failures WHERE server = ? AND status = 'failed'{ended}"
        )
        return rows.sound(rows.failure, self._read(query, *times))

    def last_failed(self, most: int) -> list[JobRecord]:
        """Return the jobs that failed last, the latest first."""
        condition = "status = 'failed' ORDER BY completed_at DESC LIMIT ?"
        return self._cached(self._until_progress, _jobs, _JOBS + condition, most)

    def count_finished(self, since: datetime | None, until: datetime | None = None) -> Counter[str]:
        """Return how many jobs finished in between, by status; None is any time."""
        ended, times = _ended(since, until)
        query = f"SELECT count(*) FROM jobs WHERE server = ? AND status = ?{ended}"  # noqa: S608
        statuses = sorted(TERMINAL_STATUSES)
        return Counter({one: self._read(query, one, *times)[0][0] for one in statuses})

    def monitored_share(self, since: datetime, until: datetime) -> float:
        """Return which share of the time in between was monitored, from 0 to 1."""
        kept = max(since, self.now() - self._keep)
        ((seconds,),) = self.store.read(
            "SELECT total(min(until, ?1) - max(at, ?2)) FROM watched"
            " WHERE server = ?3 AND at < ?1 AND until > ?2",
            *(until.timestamp(), kept.timestamp(), self.server),
        )
        return min(1.0, float(seconds) / (until - since).total_seconds())

    def queue_times(self, since: datetime | None, until: datetime | None = None) -> QueueTimes:
        """Return the queue times of the jobs that finished in between; None is any time.

        Of 100,000 jobs, none is read but those asked for: the index has their order.
        """
        ended, times = _ended(since, until)
        known = (
            f" FROM jobs INDEXED BY queue_times WHERE server = ? AND {_FINISHED}"
            f" AND queue_seconds >= 0{ended}"
        )
        ((number, mean),) = self._read(f"SELECT count(*), avg(queue_seconds){known}", *times)

        def percentile(share: float) -> float | None:
            """Return the nearest rank, counted from the longest."""
            rank = number - math.ceil(share * number)
            longest_first = " ORDER BY queue_seconds DESC LIMIT 1 OFFSET ?"
            found = self._read(f"SELECT queue_seconds{known}{longest_first}", *times, rank)
            return found[0][0] if found else None

        return QueueTimes(number, mean, percentile(0.5), percentile(_HIGH))

    def completed_run_times(self, since: datetime | None) -> dict[str, list[int]]:
        """Return run times in milliseconds of the jobs completed since then, by type.

        As one text of whole numbers for each type, because 100,000 rows or fractions take longer.
        """
        found = self._read(
            "SELECT job_type, json_group_array(CAST(1000 * run_seconds + 0.5 AS INTEGER))"  # noqa: S608
            " FROM jobs INDEXED BY run_times_of_type"
            f" WHERE server = ? AND {_RUN_TIME} AND completed_at >= ? GROUP BY job_type",
            _seconds(since),
        )
        return {job_type: json.loads(times) for job_type, times in found}

    def completed_outside(
        self, job_types: Iterable[str], since: datetime | None, shortest: float, longest: float
    ) -> list[JobRecord]:
        """Return the completed jobs of some types whose run time is outside of a range, sorted."""
        # The plus sign makes SQLite search by type and run time rather than by end.
        of_types = (
            f"{_RUN_TIME} AND +completed_at >= ?"  # noqa: S608
            " AND job_type IN (SELECT value FROM json_each(?))"
        )
        parameters = (_seconds(since), json.dumps(list(job_types)))
        return [
            *self._records(
                f"{of_types} AND run_seconds < ? ORDER BY run_seconds", *parameters, shortest
            ),
            *self._records(
                f"{of_types} AND run_seconds > ? ORDER BY run_seconds", *parameters, longest
            ),
        ]

    def changes(self, most: int) -> list[Change]:
        """Return the last changes, newest first.

        A start is reported at the job's own time, once its detail says when that was. Lists don't,
        so it is first known at the time of the response. An earlier attempt was seen before the
        start that the record knows.
        """
        found = self._read(
            "SELECT CASE WHEN kind IN ('started', 'requeued') THEN min(at, ifnull(started_at, at))"
            " ELSE at END AS happened_at, kind, job_id, changes.job_type, changes.file_path"
            " FROM (SELECT * FROM changes WHERE server = ? ORDER BY at DESC LIMIT ?) AS changes"
            " LEFT JOIN jobs ON jobs.server = changes.server AND jobs.id = job_id"
            " ORDER BY happened_at DESC",
            most,
        )
        return rows.sound(rows.change, found)

    def changes_of(self, kinds: Sequence[Kind], most: int) -> list[Change]:
        """Return the last changes of these kinds, newest first."""
        found = self._read(
            "SELECT at, kind, job_id, job_type, file_path FROM changes"
            " WHERE server = ? AND kind IN (SELECT value FROM json_each(?))"
            " ORDER BY at DESC LIMIT ?",
            *(json.dumps(kinds), most),
        )
        return rows.sound(rows.change, found)

    def count_changes(self, begin: datetime, end: datetime) -> dict[str, int]:
        """Return the number of changes in a period, by kind."""
        found = self._read(
            "SELECT kind, count(*) FROM changes WHERE server = ? AND at BETWEEN ? AND ?"
            " GROUP BY kind",
            *(_seconds(begin), _seconds(end)),
        )
        return dict(found)

    def queue_turns(self) -> list[tuple[datetime, bool]]:
        """Return the last 1000 times at which work began or ended, oldest first.

        The flag says whether jobs were running or queued from then on. Only the counts since the
        last call are read, as earlier ones don't change any more.
        """
        read_until, turns = self._turns
        ((newest,),) = self._read(
            "SELECT max(at) FROM counts WHERE server = ? AND at >= ?", read_until
        )
        if newest is None or newest == read_until:
            return turns
        found = self._read(
            "SELECT at, is_busy FROM (SELECT at, is_busy,"
            " lag(is_busy) OVER (ORDER BY at) AS was_busy"
            " FROM (SELECT at, running > 0 OR queued > 0 AS is_busy FROM counts"
            " WHERE server = ? AND at > ? AND at <= ?)"
            " WHERE is_busy IS NOT NULL) WHERE was_busy IS NOT is_busy ORDER BY at DESC LIMIT ?",
            *(read_until, newest, _MOST_TURNS),
        )
        newer = rows.sound(rows.queue_turn, reversed(found))
        if turns and newer and newer[0][1] == turns[-1][1]:
            newer = newer[1:]
        turns = [*turns, *newer][-_MOST_TURNS:]
        self._turns = newest, turns
        return turns

    def percents(self, job_id: str) -> list[Percent]:
        """Return the last 150 observed changes of a job's percentage, oldest first."""
        return self._cached(
            self._until_progress,
            lambda found: rows.sound(rows.percent, reversed(found)),
            "SELECT at, job_id, percent FROM percents WHERE server = ? AND job_id = ?"
            " ORDER BY rowid DESC LIMIT ?",
            *(job_id, _MOST_PERCENTS),
        )

    def counts(self) -> list[Counts]:
        """Return the last 1000 changes of the health's counts, oldest first."""
        return self._cached(
            self._until_settled,
            lambda found: rows.sound(rows.counts, reversed(found)),
            "SELECT at, running, queued, failed, workers FROM counts WHERE server = ?"
            " ORDER BY rowid DESC LIMIT ?",
            _MOST_COUNTS,
        )

    def counts_by_slot(self, since: datetime, slot: timedelta) -> list[CountsSlot]:
        """Return the counts since then, oldest first, in slots of this length.

        Only the last slot is read again, as the others don't change any more.
        """
        length = slot.total_seconds()
        first = int(since.timestamp() // length)
        begun, known = self._slots.get(slot, (first, []))
        known = known if begun <= first else []
        begin = known[-1].number + 1 if known else first
        found = self._read(
            "SELECT slot, slots.running, slots.queued, first_at,"
            " at, counts.running, counts.queued, failed, workers"
            " FROM (SELECT CAST(at / ?2 AS INTEGER) AS slot, max(running) AS running,"
            " max(queued) AS queued, min(at) AS first_at, max(rowid) AS last"
            " FROM counts WHERE server = ?1 AND at >= ?3 GROUP BY slot) AS slots"
            " JOIN counts ON counts.rowid = last ORDER BY slot",
            *(length, begin * length),
        )
        slots = [*known, *rows.sound(rows.counts_slot, found)]
        slots = [one for one in slots if one.number >= first]
        if len(self._slots) >= _MOST_SLOT_LENGTHS:
            self._slots = {}
        self._slots[slot] = (first, slots[:-1])
        return slots

    def queue_peak(self, since: datetime, until: datetime) -> QueuePeak | None:
        """Return the longest queue since then, before `until`; None if its length is unknown."""
        query = "SELECT max(queued), at FROM counts WHERE server = ? AND at >= ? AND at < ?"
        found = self._read(query, since.timestamp(), until.timestamp())
        return next(iter(rows.sound(rows.queue_peak, found)), None)

    def counted_since(self) -> datetime | None:
        """Return when the first known counts were stored; None if there are none."""
        ((first,),) = self._read("SELECT min(at) FROM counts WHERE server = ?")
        return None if first is None else datetime.fromtimestamp(first, UTC)

    def spans(self) -> list[Span]:
        """Return the last 1000 monitored periods as start and end, oldest first."""
        found = self._read(
            "SELECT at, until FROM watched WHERE server = ? ORDER BY at DESC LIMIT ?", _MOST_SPANS
        )
        return rows.sound(rows.span, reversed(found))

    def reachability(self, since: datetime) -> list[ReachabilitySpan]:
        """Return whether the server was reached since then, oldest first; at most 20,000 spans.

        Between two spans nothing was monitored. The last one grows until its state changes.
        """
        found = self._read(
            "SELECT at, until, state FROM reachability WHERE server = ? AND until >= ?"
            " ORDER BY at DESC LIMIT ?",
            *(_seconds(since), _MOST_STATES),
        )
        return rows.sound(rows.reachability_span, reversed(found))

    def finished_runs(self, job_type: str, policy_name: str | None) -> list[FinishedRun]:
        """Return the last 200 completed jobs of a type and policy, oldest first."""
        return self._cached(
            self._until_settled,
            lambda found: [
                FinishedRun(seconds, size if isinstance(size, int) and size > 0 else None)
                for seconds, size in reversed(found)
            ],
            "SELECT run_seconds, size_bytes FROM jobs WHERE server = ? AND job_type = ?"  # noqa: S608
            f" AND policy_name IS ? AND {_RUN_TIME} ORDER BY completed_at DESC LIMIT ?",
            *(job_type, policy_name, _MOST_RUN_TIMES),
        )

    def run_times_of_type(self, job_type: str) -> list[float]:
        """Return run times in seconds of completed jobs of a type with any policy."""
        return self._cached(
            self._until_settled,
            lambda found: [seconds for (seconds,) in reversed(found)],
            f"SELECT run_seconds FROM jobs WHERE server = ? AND job_type = ? AND {_RUN_TIME}"  # noqa: S608
            " ORDER BY completed_at DESC LIMIT ?",
            *(job_type, _MOST_RUN_TIMES),
        )

    def coarse_revision(self) -> tuple[int, bool]:
        """Return a revision of the jobs without their progress, and whether all details are known.

        While details arrive, it changes at most every 15 s, as drawing many jobs takes time.
        """
        now = self.now()
        with self._lock:
            is_behind = self._coarse != self._settled
            if is_behind and abs(now - self._coarse_at) >= _COARSE_EVERY:
                self._coarse, self._coarse_at = self._settled, now
            coarse = self._coarse
        return coarse, not self._records("NOT has_detail AND NOT is_detail_refused LIMIT 1")

    def _read(self, query: str, *parameters: Any) -> list[Any]:
        return self.store.read(query, self.server, *parameters)

    def _cached(
        self,
        cache: dict[Any, Any],
        convert: Callable[[list[Any]], list[T]],
        query: str,
        *parameters: Any,
    ) -> list[T]:
        """Read what a drawing needs several times, and every viewer's."""
        key = (query, *parameters)
        found: list[T] | None = cache.get(key)
        if found is None:
            found = convert(self._read(query, *parameters))
            if len(cache) < _MOST_CACHED:
                cache[key] = found
        return found

    def _viewed_with(self, condition: str) -> list[JobRecord]:
        """Return the viewed jobs that meet a condition, those of the last list first."""
        with self._lock:
            seen = reversed(self._viewed.items())
            ids = [job_id for job_id, at in seen if abs(self.now() - at) <= _VIEWED_FOR]
        of_ids = " AND id IN (SELECT value FROM json_each(?))"
        known = self._records(condition + of_ids, json.dumps(ids))
        return sorted(known, key=lambda record: ids.index(record.id))

    def _records(self, condition: str, *parameters: Any) -> list[JobRecord]:
        return _jobs(self._read(_JOBS + condition, *parameters))

    def _start(self, database: sqlite3.Connection) -> None:
        """Prune, and look for jobs whose state may have changed without monitoring."""
        self._prune(database)
        database.execute(
            "UPDATE jobs SET is_missing = 1 WHERE server = ? AND status IN ('running', 'queued')",
            (self.server,),
        )

    def _prune(self, database: sqlite3.Connection) -> None:
        """Delete what is too old or too much, and the percentages of finished jobs.

        Only the data of a server that is no longer monitored is older than its own limit.
        """
        oldest = (self.now() - self._keep).timestamp()
        for table, time, most in (
            ("percents", "at", self._most * _EACH_JOBS),
            ("changes", "at", self._most),
            ("counts", "at", self._most * _EACH_JOBS),
            ("watched", "until", self._most),
            ("reachability", "until", self._most),
        ):
            database.execute(f"DELETE FROM {table} WHERE {time} < ?", (oldest,))  # noqa: S608
            database.execute(
                f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table}"  # noqa: S608
                f" WHERE server = ? ORDER BY {time} DESC LIMIT -1 OFFSET ?)",
                (self.server, most),
            )
        database.execute("DELETE FROM jobs WHERE seen_at < ?", (oldest,))
        ended = "coalesce(completed_at, created_at, seen_at)"
        mine = (self.server,)
        database.execute(
            f"DELETE FROM jobs WHERE server = ? AND {_FINISHED} AND {ended} < ?",  # noqa: S608
            (*mine, oldest),
        )
        count = "SELECT count(*) FROM jobs WHERE server = ?"
        (self._job_count,) = database.execute(count, mine).fetchone()
        if self._job_count > self._most:
            surplus = self._job_count - int(self._most * _KEPT_SHARE)
            database.execute(
                f"DELETE FROM jobs WHERE rowid IN (SELECT rowid FROM jobs WHERE server = ?"  # noqa: S608
                f" ORDER BY {_FINISHED} DESC, {ended} LIMIT ?)",
                (*mine, surplus),
            )
            self._job_count -= surplus
        database.execute("DELETE FROM reports WHERE seen_at < ?", (oldest,))
        database.execute(
            "DELETE FROM reports WHERE server = ? AND stats_id NOT IN"
            " (SELECT stats_id FROM jobs WHERE server = ? AND stats_id > '')",
            mine * 2,
        )
        database.execute(
            "DELETE FROM percents WHERE server = ? AND job_id NOT IN"  # noqa: S608
            f" (SELECT id FROM jobs WHERE server = ? AND NOT {_FINISHED})",
            mine * 2,
        )


def _seconds(since: datetime | None) -> float:
    return (since or _EVER).timestamp()


def _ended(since: datetime | None, until: datetime | None = None) -> tuple[str, tuple[float, ...]]:
    """Return the condition that jobs ended in between, and its parameters; None is any time."""
    bounds = {">=": since, "<": until}
    given = {sign: at.timestamp() for sign, at in bounds.items() if at is not None}
    return "".join(f" AND completed_at {sign} ?" for sign in given), tuple(given.values())


def _jobs(found: list[Any]) -> list[JobRecord]:
    return rows.sound(rows.job, found)
