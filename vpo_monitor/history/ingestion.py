"""Store what one response shows."""

import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vpo_monitor.api.errors import BadRequest, NotFound
from vpo_monitor.api.models import TERMINAL_STATUSES, Health, Job, JobDetail, JobPage, JobReport
from vpo_monitor.history import changes, rows
from vpo_monitor.history.reachability import observed_state
from vpo_monitor.history.records import COUNTS_EVERY, Change, JobRecord, JobResult, Kind
from vpo_monitor.polling.queries import Query, Route

MONITORED_GAP = timedelta(seconds=150)
"""A longer time between responses counts as not monitored: a backoff is at most 120 s.

If the app polls by itself while nobody looks, the time between two such polls is allowed as well.
"""
_IN_FLIGHT = 120.0
"""Seconds after which no response can arrive any more."""
_MOST_LISTS = 100
_JOB = f"REPLACE INTO jobs (server, seen_at, {rows.JOB_COLUMNS}) VALUES (?, ?{', ?' * 16})"  # noqa: S608


@dataclass
class RequestTimes:
    """When the newest known response about each job and list was requested.

    For a job by the poller's clock, which is monotonic, and only while an earlier request may still
    be in flight. For a list by the server's clock.
    """

    jobs: dict[str, float] = field(default_factory=dict)
    lists: dict[Query[Any], datetime] = field(default_factory=dict)

    def note_job(self, job_id: str, asked_at: float) -> None:
        """Record a response about a job."""
        self.jobs.pop(job_id, None)
        self.jobs[job_id] = asked_at
        while self.jobs[oldest := next(iter(self.jobs))] < asked_at - _IN_FLIGHT:
            del self.jobs[oldest]

    def note_list(self, query: Query[Any], asked: datetime) -> None:
        """Record a response with a list."""
        self.lists.pop(query, None)
        self.lists[query] = asked
        while len(self.lists) > _MOST_LISTS:
            del self.lists[next(iter(self.lists))]


@dataclass
class Ingestion:
    """Processing of one response from `server` within a transaction of `database`.

    The request was sent at `asked_at` by the poller's clock, which equals `asked` (UTC). The
    response arrived at `now`. Both UTC times are by the server's clock. Afterwards, `has_changed`
    is true if anything else than the end of the monitored period changed, `has_settled` if more
    than the progress of jobs did, `has_counted` if the counts did, `has_new_state` if the server's
    reachability did. `added` is the number of new jobs. A time between responses that is longer
    than `gap` was not monitored.
    """

    database: sqlite3.Connection
    server: str
    requests: RequestTimes
    asked_at: float
    asked: datetime
    now: datetime
    gap: timedelta = MONITORED_GAP
    has_changed: bool = False
    has_settled: bool = False
    has_counted: bool = False
    has_new_state: bool = False
    added: int = 0

    def ingest(self, query: Query[Any], answer: Any) -> None:
        """Process the response, or the error in its place."""
        self._see_reachability(query.route, answer)
        match answer:
            case JobPage():
                self._see(answer.rows, self._monitored_since(query))
                if _shows_all_that_happens(query):
                    self._lengthen_span()
                self._find_missing(query, answer)
            case JobDetail():
                self._see([answer], None)
            case Health():
                self._see_health(answer)
            case NotFound() if query.route is Route.DETAIL:
                self._remove(dict(query.arguments)["job_id"])
            case JobReport():
                report = json.dumps(answer.model_dump(exclude_defaults=True), default=str)
                self._see_report(query, report, JobResult.of(answer).to_json())
            case NotFound() | BadRequest() if query.route is Route.REPORT:
                self._see_report(query, "", "")
            case BadRequest() if query.route is Route.DETAIL:
                self._execute(
                    "UPDATE jobs SET is_detail_refused = 1, is_missing = 0"
                    " WHERE server = ? AND id = ?",
                    dict(query.arguments)["job_id"],
                )

    def _execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
        return self.database.execute(statement, (self.server, *parameters))

    def _monitored_since(self, query: Query[Any]) -> datetime | None:
        """Return when the same list was requested before; None if not monitored since.

        Not all lists are requested equally often, so one of them may be enough to be monitored.
        """
        last = self.requests.lists.get(query)
        if last is None or self.asked - last <= self.gap:
            return last
        span = self._last_span()
        is_within = span is not None and span[0] <= last.timestamp()
        is_open = span is not None and self.asked.timestamp() - span[1] <= self.gap.total_seconds()
        return last if is_within and is_open else None

    def _last_span(self) -> tuple[float, float] | None:
        span: tuple[float, float] | None = self._execute(
            "SELECT at, until FROM watched WHERE server = ? ORDER BY at DESC LIMIT 1"
        ).fetchone()
        return span

    def _see(self, jobs: Iterable[Job], since: datetime | None) -> None:
        """Store the state of jobs; `since` is when the same list was requested before."""
        newest = {job.id: job for job in jobs if not self._is_overtaken(job.id)}
        before = {record.id: record for record in self._known(newest)}
        self._execute(
            "UPDATE jobs SET is_missing = 0"
            " WHERE server = ? AND is_missing AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(newest)),
        )
        for job in newest.values():
            self._see_job(before.get(job.id), job, since)

    def _known(self, job_ids: Iterable[str]) -> list[JobRecord]:
        found = self._execute(
            f"SELECT {rows.JOB_COLUMNS} FROM jobs"  # noqa: S608
            " WHERE server = ? AND id IN (SELECT value FROM json_each(?))",
            json.dumps(list(job_ids)),
        )
        return rows.sound(rows.job, found)

    def _is_overtaken(self, job_id: str) -> bool:
        """Whether the response was requested before the known state, but received later."""
        return self.requests.jobs.get(job_id, -math.inf) > self.asked_at

    def _see_job(self, before: JobRecord | None, job: Job, since: datetime | None) -> None:
        self.requests.note_job(job.id, self.asked_at)
        after = changes.updated(before, job)
        if after == before:
            return
        change = changes.change_of(before, after, self.now, since)
        if change is not None:
            self._store_change(change)
            if change.kind is Kind.REQUEUED:
                self._execute("DELETE FROM percents WHERE server = ? AND job_id = ?", job.id)
        self._see_percent(after)
        self._execute(_JOB, self.now.timestamp(), *rows.job_row(after))
        self.has_changed = True
        known = None if before is None else (before.status, before.has_detail)
        self.has_settled |= after.is_terminal or known != (after.status, after.has_detail)
        self.added += before is None

    def _see_percent(self, record: JobRecord) -> None:
        percent = record.progress_percent
        if record.status != "running" or percent is None:
            return
        last = self._execute(
            "SELECT percent FROM percents WHERE server = ? AND job_id = ?"
            " ORDER BY rowid DESC LIMIT 1",
            record.id,
        ).fetchone()
        if percent != (last[0] if last else 0.0):
            self._execute(
                "INSERT INTO percents (server, at, job_id, percent) VALUES (?, ?, ?, ?)",
                *(self.now.timestamp(), record.id, percent),
            )

    def _store_change(self, change: Change) -> None:
        self._execute(
            "REPLACE INTO changes (server, at, kind, job_id, job_type, file_path)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            *(rows.stored(change.at), change.kind, change.job_id),
            *(change.job_type, change.file_path),
        )

    def _lengthen_span(self) -> None:
        """Extend the monitored period to now, or begin a new one after a gap."""
        last = self._last_span()
        begin = end = self.now.timestamp()
        if last is not None and end - last[1] <= self.gap.total_seconds():
            begin, end = last[0], max(last[1], end)
        else:
            self.has_changed = True
        self._execute("REPLACE INTO watched (server, at, until) VALUES (?, ?, ?)", begin, end)

    def _see_reachability(self, route: Route, answer: Any) -> None:
        """Extend the span of the server's state to now, or begin a new one.

        A state lasts until another is observed, if that is not after a gap.
        """
        last = self._execute(
            "SELECT at, until, state FROM reachability WHERE server = ? ORDER BY rowid DESC LIMIT 1"
        ).fetchone()
        now = self.now.timestamp()
        is_recent = last is not None and abs(now - last[1]) <= self.gap.total_seconds()
        before = last[2] if is_recent else None
        state = observed_state(route, answer, before)
        if state is None:
            return
        store = "REPLACE INTO reachability (server, at, until, state) VALUES (?, ?, ?, ?)"
        begin = end = now
        if before is not None:
            begin, end = last[0], max(last[1], now)
            self._execute(store, begin, end, before)
        if state != before:
            self._execute(store, end, end, state)
            self.has_changed = self.has_new_state = True

    def _find_missing(self, query: Query[Any], page: JobPage) -> None:
        """Mark the jobs that are missing from the list they were in."""
        status = _status_listed_in_full(query, page)
        if status is None or status in TERMINAL_STATUSES:
            return
        listed = json.dumps([job.id for job in page.rows])
        gone = self._execute(
            "SELECT id FROM jobs WHERE server = ? AND status = ? AND NOT is_missing"
            " AND id NOT IN (SELECT value FROM json_each(?))",
            *(status, listed),
        )
        for (job_id,) in gone.fetchall():
            if not self._is_overtaken(job_id):
                self._execute("UPDATE jobs SET is_missing = 1 WHERE server = ? AND id = ?", job_id)

    def _see_health(self, health: Health) -> None:
        figures = [
            rows.stored(count)
            for count in (
                health.jobs_running,
                health.jobs_queued,
                health.recent_errors,
                health.active_workers,
            )
        ]
        last = self._execute(
            "SELECT at, running, queued, failed, workers FROM counts"
            " WHERE server = ? ORDER BY rowid DESC LIMIT 1"
        ).fetchone()
        now = self.now.timestamp()
        is_due = last is None or now - last[0] >= COUNTS_EVERY.total_seconds()
        if is_due or list(last[1:]) != figures:
            self._execute("INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?)", now, *figures)
            self.has_changed = self.has_counted = True

    def _see_report(self, query: Query[Any], report: str, result: str) -> None:
        """Store a report, which never changes; empty texts say that VPO doesn't have it."""
        stats_id = dict(query.arguments)["stats_id"]
        self._execute(
            "REPLACE INTO reports (server, seen_at, stats_id, report) VALUES (?, ?, ?, ?)",
            *(self.now.timestamp(), stats_id, report),
        )
        of_jobs = self.database.execute(
            "UPDATE jobs SET result = ? WHERE server = ? AND stats_id = ? AND stats_id > ''",
            (result, self.server, stats_id),
        )
        if of_jobs.rowcount:
            self.has_changed = self.has_settled = True

    def _remove(self, job_id: str) -> None:
        """Remove a job that VPO no longer has."""
        self.requests.note_job(job_id, self.asked_at)
        for record in self._known([job_id]):
            self.has_changed = self.has_settled = True
            if not record.is_terminal:
                self._store_change(changes.vanished(record, self.now))
        self._execute("DELETE FROM jobs WHERE server = ? AND id = ?", job_id)
        self._execute("DELETE FROM percents WHERE server = ? AND job_id = ?", job_id)


def _shows_all_that_happens(query: Query[Any]) -> bool:
    """Whether a list shows every new and removed job, so it has no search, type or offset."""
    given = dict(query.arguments)
    is_whole = not given.get("search") and not given.get("job_type") and not given.get("offset")
    return is_whole and given.get("status") in (None, "running")


def _status_listed_in_full(query: Query[Any], page: JobPage) -> str | None:
    """Return the status of which the response contains every job; None if there is none."""
    given = dict(query.arguments)
    status = given.pop("status", None)
    is_whole = page.total == len(page.rows) and not page.skipped
    is_only = not given.keys() - {"limit", "sort", "order"}
    return str(status) if status and is_whole and is_only else None
