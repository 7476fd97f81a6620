"""More jobs than one page of the list holds: for a file that a viewer wants, or for the history."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from vpo_monitor.api.models import Job, JobPage
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.queries import Priority, Query, Route

MOST_JOBS = 10_000
"""About a minute of the default budget, or two while live pages use it too."""
MOST_CHARACTERS = 8_000_000
"""Of ids, paths and so on together: 800 per job; a typical job has 150."""
MOST_REQUESTS = 120
HISTORY_JOBS = 1000
_PAGE = 100
"""Jobs that VPO gives at once."""
_OVERLAP = 5
"""Jobs that two pages share, so that a job that leaves the list hides no other."""


@dataclass(frozen=True)
class JobsCopy:
    """The jobs so far, each once and in its latest state, in the order of the view.

    `total` match according to the last page; `is_changed` if an earlier page said otherwise. The
    copy began at `begun_at` and the last page arrived at `fetched_at`, both by this app's clock;
    the next page begins at `offset`. `is_full` if the copy ended because it reached a limit.
    """

    begun_at: datetime
    fetched_at: datetime
    rows: tuple[Job, ...] = ()
    total: int = 0
    offset: int = 0
    requests: int = 0
    characters: int = 0
    is_changed: bool = False
    is_done: bool = False
    is_full: bool = False


def jobs_copy(view: Query[JobPage], asked: int) -> BulkQuery[JobsCopy]:
    """Copy all that a query of the job list would show, whatever its page.

    Viewers who give the same `asked` share one copy; another number begins anew.
    """
    arguments = [(name, value) for name, value in view.arguments if name not in ("limit", "offset")]
    return BulkQuery(Route.LIST, _copy, (("asked", asked), *arguments))


def _copy(asked: int, **wanted: Any) -> Steps[JobsCopy]:  # noqa: ARG001 - see jobs_copy
    begun_at = _utcnow()
    copied = JobsCopy(begun_at, begun_at)
    while not copied.is_done:
        page = yield copied, queries.jobs(**wanted, limit=_PAGE, offset=copied.offset)
        if not copied.requests:
            copied = replace(copied, total=page.total)
        copied = _joined(copied, page, _utcnow())
    return copied


def _utcnow() -> datetime:
    return datetime.now(UTC)


def all_jobs(*, since: str | None) -> BulkQuery[int]:
    """Request the newest 1,000 jobs of the last `24h`, `7d` or `30d`, or of all time.

    The jobs themselves are for the poller's listener. The result is how many match.
    """
    return BulkQuery(Route.LIST, _history_pages, (("since", since),), Priority.NICE_TO_HAVE)


def _history_pages(since: str | None) -> Steps[int]:
    total = 0
    for offset in range(0, HISTORY_JOBS, _PAGE):
        page = yield total, queries.jobs(limit=_PAGE, offset=offset or None, since=since)
        total = page.total
        if not page.rows or offset + _PAGE >= total:
            break
    return total


def _joined(copied: JobsCopy, page: JobPage, now: datetime) -> JobsCopy:
    # A job that came meanwhile has pushed others on to the next page: they are there twice.
    rows, new = {job.id: job for job in copied.rows}, page.rows
    is_known = page.skipped or any(job.id in rows for job in page.rows)
    step = _PAGE - _OVERLAP
    if copied.offset and not is_known:  # so many have left the list that some are to be found above
        offset, new, is_last = max(0, copied.offset - step), (), False
    else:
        offset = copied.offset + step
        is_last = copied.offset + _PAGE >= page.total or not (page.rows or page.skipped)
    rows.update((job.id, job) for job in new)
    requests = copied.requests + 1
    characters = copied.characters + sum(map(_characters, new))
    is_too_much = characters > MOST_CHARACTERS or requests >= MOST_REQUESTS
    is_full = len(rows) > MOST_JOBS or (not is_last and is_too_much)
    return replace(
        copied,
        fetched_at=now,
        rows=tuple(rows.values())[:MOST_JOBS],
        total=page.total,
        offset=offset,
        requests=requests,
        characters=characters,
        is_changed=copied.is_changed or page.total != copied.total,
        is_done=is_last or is_full,
        is_full=is_full,
    )


def _characters(job: Job) -> int:
    return len(job.id) + len(job.job_type) + len(job.status) + len(job.file_path)
