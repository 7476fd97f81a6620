"""Jobs known from earlier responses, shown until VPO answers the current view."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vpo_monitor.analysis.job_filter import PAGE_SIZE, JobFilter
from vpo_monitor.analysis.since import SINCE
from vpo_monitor.api.models import Job, JobPage
from vpo_monitor.polling.jobs_copy import JobsCopy

# Matches the server's sort order; the values within one column have one type.
_SORT_KEYS: dict[str, Callable[[Job], Any]] = {
    "created_at": lambda job: job.created_at,
    "job_type": lambda job: job.job_type,
    "status": lambda job: job.status,
    "file_path": lambda job: job.file_path,
    "duration": lambda job: job.duration_seconds,
}


@dataclass(frozen=True)
class KnownJob:
    """A job from a job list; `fetched_at` is the poller's clock, in seconds."""

    job: Job
    fetched_at: float


def known_jobs(answers: Iterable[tuple[Any, float]]) -> dict[str, KnownJob]:
    """Return each job of the lists among these answers by id, from the newest list."""
    known: dict[str, KnownJob] = {}
    pages = (one for one in answers if isinstance(one[0], JobPage | JobsCopy))
    for page, fetched_at in sorted(pages, key=lambda answer: answer[1]):
        known.update((job.id, KnownJob(job, fetched_at)) for job in page.rows)
    return known


def known_page(known: Iterable[KnownJob], view: JobFilter, now: datetime) -> list[KnownJob]:
    """Return the known jobs that belong on the view's page at `now` (UTC).

    The server may have more jobs, including some in between.
    """
    found = [one for one in known if _matches(one.job, view, now)]
    key = _SORT_KEYS[view.sort]
    with_value = [one for one in found if key(one.job) is not None]
    with_value.sort(key=lambda one: key(one.job), reverse=view.order == "desc")
    found = with_value + [one for one in found if key(one.job) is None]
    return found[(view.page - 1) * PAGE_SIZE : view.page * PAGE_SIZE]


def _matches(job: Job, view: JobFilter, now: datetime) -> bool:
    if view.since and (job.created_at is None or job.created_at < now - SINCE[view.since]):
        return False
    return (
        view.status in ("", job.status)
        and view.type in ("", job.job_type)
        and view.search.casefold() in job.file_path.casefold()
    )
