"""Requests that complete the data about jobs, from budget that nobody else needs."""

from collections.abc import Callable, Iterable
from itertools import chain, zip_longest
from typing import Any

from vpo_monitor.api.errors import BadRequest, NotFound, VpoError
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Priority, Query, Route

_EVERY = 1.0
"""Seconds, independent of the number of viewers."""
_ROUND_EVERY = 10.0
"""Seconds from the end of a round to the next, with the jobs whose data could not be read."""
_DETAIL_REUSE = 60.0
"""Seconds; the jobs whose details are missing have mostly finished, and change no more."""
_WITHOUT_A_FILE = frozenset({"scan", "prune"})
_MOST_MATCHES = 20
_LONGEST_SEARCH = 200
"""Characters that VPO accepts in a search."""
_NEXT_QUEUED = 20
"""Queued jobs whose file sizes are requested."""
_FIRST = ("running", "failed")


def backfill(poller: Poller, tracker: JobTracker) -> None:
    """Request missing details, reports and file sizes, one after the other. Returns at once.

    The detail and the report of a finished job, and the size of a file before its job, never
    change, so each is requested once and stored in the history. The sizes of the next queued jobs
    are requested, too, because a job may keep VPO's database locked while it runs. Runs at most
    once a second, however many callers there are.
    """
    now = poller.now()
    if now - tracker.caught_up_at < _EVERY:
        return
    tracker.caught_up_at = now

    def request(
        lacking: object, route: Route, steps: Callable[[JobTracker], Steps[None]], urgency: Priority
    ) -> None:
        if lacking:
            arguments = (("tracker", tracker),)
            work = BulkQuery[None](
                route, steps, arguments, urgency, skips_failures=True, reuse=_DETAIL_REUSE
            )
            poller.read(work, _ROUND_EVERY, patience=0.0)

    soon, later = Priority.BULK, Priority.NICE_TO_HAVE
    request(without_size(tracker.running()), Route.LIBRARY, _sizes_of_running, soon)
    queued = tracker.next_queued(_NEXT_QUEUED)
    request(without_size(queued), Route.LIBRARY, _sizes_of_queued, later)
    request(tracker.viewed_without_detail(), Route.DETAIL, _details_of_viewed, soon)
    request(_viewed_reports(tracker), Route.REPORT, _reports_of_viewed, soon)
    request(without_detail(tracker), Route.DETAIL, _details, later)
    request(_other_reports(tracker), Route.REPORT, _reports, later)


def without_detail(tracker: JobTracker) -> list[str]:
    """Return the ids of jobs without a detail: missing jobs first, then the most useful.

    Queued and finished jobs take turns, also over several rounds: a long queue, whose details are
    needed to sort it, must not keep the start times of finished jobs from coming, nor they it.
    """
    jobs = sorted(tracker.undetailed(), key=_place)
    first = [record.id for record in jobs if record.status in _FIRST]
    queued = [record.id for record in jobs if record.status == "queued"]
    ended = [record.id for record in jobs if record.status not in (*_FIRST, "queued")]
    pair = (queued, ended) if len(jobs) % 2 else (ended, queued)
    turns = chain.from_iterable(zip_longest(*pair))
    ids = (*tracker.missing(), *first, *(job_id for job_id in turns if job_id is not None))
    return list(dict.fromkeys(ids))


def without_size(records: Iterable[JobRecord]) -> list[JobRecord]:
    """Return the jobs whose file size has not been requested."""
    return [record for record in records if needs_size(record) and record.size_bytes is None]


def needs_size(record: JobRecord) -> bool:
    """Whether the job works on one file, so that its size says how long it takes."""
    return bool(record.file_path) and record.job_type not in _WITHOUT_A_FILE


def _details(tracker: JobTracker) -> Steps[None]:
    """One round: each job without a detail, once. The tracker ingests the answers."""
    return _each(lambda: _without(without_detail(tracker), _viewed_jobs(tracker)), queries.job)


def _details_of_viewed(tracker: JobTracker) -> Steps[None]:
    """The same for the jobs that viewers look at."""
    return _each(lambda: _viewed_jobs(tracker), queries.job)


def _reports(tracker: JobTracker) -> Steps[None]:
    """One round: each report that has not been requested, once."""
    return _each(lambda: _other_reports(tracker), queries.job_report)


def _reports_of_viewed(tracker: JobTracker) -> Steps[None]:
    """The same for the jobs that viewers look at."""
    return _each(lambda: _viewed_reports(tracker), queries.job_report)


def _viewed_jobs(tracker: JobTracker) -> list[str]:
    return [record.id for record in tracker.viewed_without_detail()]


def _viewed_reports(tracker: JobTracker) -> list[str]:
    return _report_ids(tracker, tracker.viewed_without_result())


def _other_reports(tracker: JobTracker) -> list[str]:
    return _without(_report_ids(tracker, tracker.without_result()), _viewed_reports(tracker))


def _without(ids: list[str], others: list[str]) -> list[str]:
    """Leave the others to their own round, so that none is requested twice."""
    return [one for one in ids if one not in others]


def _report_ids(tracker: JobTracker, records: Iterable[JobRecord]) -> list[str]:
    """Return the ids of the reports, without those that a page requests itself."""
    ids = (record.stats_id for record in records)
    return [one for one in ids if one and not tracker.is_claimed(one)]


def _each(lacking: Callable[[], list[str]], query: Callable[[str], Query[Any]]) -> Steps[None]:
    """Request each of the ids that are lacking, once."""
    tried: set[str] = set()
    while (one := _first_untried(lacking(), tried)) is not None:
        tried.add(one)
        yield None, query(one)


def _sizes_of_running(tracker: JobTracker) -> Steps[None]:
    return _sizes(tracker, tracker.running)


def _sizes_of_queued(tracker: JobTracker) -> Steps[None]:
    return _sizes(tracker, lambda: tracker.next_queued(_NEXT_QUEUED))


def _sizes(tracker: JobTracker, jobs: Callable[[], Iterable[JobRecord]]) -> Steps[None]:
    """One round: find the file of each of these jobs in the library, then request its size."""
    tried: set[str] = set()
    while True:
        paths = {record.id: record.file_path for record in without_size(jobs())}
        job_id = _first_untried(paths, tried)
        if job_id is None:
            return
        tried.add(job_id)
        name = paths[job_id].replace("\\", "/").rsplit("/", 1)[-1][:_LONGEST_SEARCH]
        answer = yield None, queries.library(search=name, limit=_MOST_MATCHES)
        if not isinstance(answer, VpoError):
            file_id = next((file.id for file in answer.rows if file.path == paths[job_id]), None)
            if file_id is None:
                tracker.add_size(job_id, None)
                continue
            answer = yield None, queries.library_file(file_id)
        if isinstance(answer, NotFound | BadRequest):
            tracker.add_size(job_id, None)
        elif not isinstance(answer, VpoError):
            tracker.add_size(job_id, answer.size_bytes)


def _first_untried(job_ids: Iterable[str], tried: set[str]) -> str | None:
    return next((job_id for job_id in job_ids if job_id not in tried), None)


def _place(record: JobRecord) -> tuple[int, float]:
    ended = record.completed_at if record.is_terminal else None
    rank = _FIRST.index(record.status) if record.status in _FIRST else len(_FIRST)
    return rank, -ended.timestamp() if ended else 0.0
