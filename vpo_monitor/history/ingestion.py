"""Add the observations of a response to the memory."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vpo_monitor.api.errors import BadRequest, NotFound
from vpo_monitor.api.models import TERMINAL_STATUSES, Health, Job, JobDetail, JobPage
from vpo_monitor.history import changes
from vpo_monitor.history.changes import Change, Kind
from vpo_monitor.history.facts import COUNTS_EVERY, Counts, Percent, Watched
from vpo_monitor.history.job_record import JobRecord
from vpo_monitor.history.memory import Memory
from vpo_monitor.polling.queries import Query, Route


class Ingestion:
    """Processing of one response; `news` collects its observations.

    `has_settled` is true if more than the progress of jobs changed.

    The request was sent at `asked_at` by the poller's clock, which equals `asked` (UTC). The
    response arrived at `now`. Both UTC times are by the server's clock.
    """

    def __init__(self, memory: Memory, asked_at: float, asked: datetime, now: datetime) -> None:
        self.news = Watched()
        self.has_settled = False
        self._memory = memory
        self._asked_at = asked_at
        self._asked = asked
        self._now = now

    def ingest(self, query: Query[Any], answer: Any) -> None:
        """Process the response."""
        match answer:
            case JobPage():
                self._ingest_jobs(query, answer.rows)
                self._find_missing(query, answer)
            case JobDetail():
                self._see(answer, None)
            case Health():
                self._ingest_health(answer)
            case NotFound() if query.route is Route.DETAIL:
                self._ingest_vanished(dict(query.arguments)["job_id"])
            case BadRequest() if query.route is Route.DETAIL:
                self._memory.jobs.detail_refused(dict(query.arguments)["job_id"])

    def _ingest_jobs(self, query: Query[Any], jobs: Sequence[Job]) -> None:
        observation_spans = self._memory.observation_spans
        since = observation_spans.since(query, self._asked)
        for job in jobs:
            self._see(job, since)
        self.news.spans += observation_spans.note(query, self._asked, self._now)

    def _find_missing(self, query: Query[Any], page: JobPage) -> None:
        """Record the jobs that are missing from the list they were in."""
        status = _status_listed_in_full(query, page)
        if status is None or status in TERMINAL_STATUSES:
            return
        shown = {job.id for job in page.rows}
        for record in self._memory.jobs:
            is_gone = record.status == status and record.id not in shown
            if is_gone and self._memory.asked_at.get(record.id, -math.inf) <= self._asked_at:
                self._memory.jobs.missing[record.id] = None

    def _see(self, job: Job, since: datetime | None) -> None:
        memory, jobs = self._memory, self._memory.jobs
        if memory.asked_at.get(job.id, -math.inf) > self._asked_at:
            return  # requested before the known state, but received later
        before = jobs.get(job.id)
        after = changes.updated(before, job)
        change = changes.change_of(before, after, self._now, since)
        if change is not None:
            self._record(change)
        memory.asked_at[job.id] = self._asked_at
        jobs.missing.pop(job.id, None)
        if change is not None and change.kind is Kind.REQUEUED:
            memory.percents.pop(job.id, None)
            self.news.requeued.append(job.id)
        self._see_percent(after)
        if after != before:
            self.news.jobs.append(after)
            known = None if before is None else (before.status, before.has_detail)
            self.has_settled |= after.is_terminal or known != (after.status, after.has_detail)
            for gone in jobs.put(after):
                memory.drop(gone)

    def _see_percent(self, record: JobRecord) -> None:
        percent, percents = record.progress_percent, self._memory.percents
        if record.status != "running" or percent is None:
            return
        known = percents.get(record.id)
        if (known[-1].percent if known else 0.0) != percent:
            seen = Percent(self._now, record.id, percent)
            percents[record.id].append(seen)
            self.news.percents.append(seen)

    def _ingest_health(self, health: Health) -> None:
        counts = Counts(
            self._now,
            health.jobs_running,
            health.jobs_queued,
            health.recent_errors,
            health.active_workers,
        )
        known = self._memory.counts
        is_other = not known or known[-1].figures != counts.figures
        if is_other or self._now - known[-1].at >= COUNTS_EVERY:
            known.append(counts)
            self.news.counts.append(counts)

    def _ingest_vanished(self, job_id: str) -> None:
        record = self._memory.jobs.get(job_id)
        self._memory.drop(job_id)
        if record is None:
            return
        self.news.vanished.append(job_id)
        if not record.is_terminal:
            self._record(changes.vanished(record, self._now))

    def _record(self, change: Change) -> None:
        self._memory.changes.append(change)
        self.news.changes.append(change)


def _status_listed_in_full(query: Query[Any], page: JobPage) -> str | None:
    """Return the status of which the response contains every job; None if there is none."""
    given = dict(query.arguments)
    status = given.pop("status", None)
    is_whole = page.total == len(page.rows) and not page.skipped
    is_only = not given.keys() - {"limit", "sort", "order"}
    return str(status) if status and is_whole and is_only else None
