"""All jobs that match a view, page by page, for a viewer who wants them as a file."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Job, JobPage
from vpo_monitor.polling.queries import Priority, Query, Route

MOST_JOBS = 10_000
"""About a minute of the usual budget if nobody else used it; while live pages do, two."""
MOST_CHARACTERS = 8_000_000
"""Of ids, paths and so on together: 800 a job, where a usual one has 150."""
MOST_REQUESTS = 120
_PAGE = 100
"""Jobs that VPO gives at once."""
_OVERLAP = 5
"""Jobs that two pages share, so that one that leaves the list meanwhile hides no other."""


@dataclass(frozen=True)
class JobsCopy:
    """The jobs so far, each once and as it was seen last, in the order of the view.

    `total` match, as the last page told; `is_changed` where an earlier page told otherwise. The
    first page came at `begun_at`, the last at `fetched_at`, both by this app's clock; the next is
    to be read from `offset`. `is_full` where the copy ends as it may not become larger.
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


@dataclass(frozen=True)
class JobsCopyQuery(Query[JobsCopy]):
    """A copy, in steps of one request each; once it is done it stays as it is."""

    utcnow: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), compare=False)

    priority: Priority = Priority.BULK

    def fetch(self, client: VpoClient, previous: JobsCopy | None) -> JobsCopy:
        """Add the next page."""
        if previous is not None and previous.is_done:
            return previous
        wanted = dict(self.arguments)
        del wanted["asked"]
        page = client.jobs(**wanted, limit=_PAGE, offset=previous.offset if previous else 0)
        now = self.utcnow()
        return _joined(previous or JobsCopy(now, now, total=page.total), page, now)

    def is_complete(self, data: JobsCopy) -> bool:
        """Whether the last page has been read."""
        return data.is_done


def jobs_copy(view: Query[JobPage], asked: int) -> JobsCopyQuery:
    """A copy of all that a query of the job list would show, whatever its page.

    Viewers who give the same `asked` share one copy; another number begins anew.
    """
    arguments = [(name, value) for name, value in view.arguments if name not in ("limit", "offset")]
    return JobsCopyQuery(Route.LIST, VpoClient.jobs, (("asked", asked), *arguments))


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
