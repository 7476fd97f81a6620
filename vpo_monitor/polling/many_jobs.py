"""More jobs than one page of the list holds, asked for page by page from spare budget."""

from dataclasses import dataclass

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import Job
from vpo_monitor.polling.queries import Priority, Query, Route

MOST_JOBS = 1000
_PAGE = 100
"""Jobs that VPO gives at once."""


@dataclass(frozen=True)
class ManyJobs:
    """The newest jobs, each once; `total` match. Not `is_complete` while pages are still to come.

    `pages` is how many have been asked for, `page` the jobs of the last: all others are older news.
    """

    page: tuple[Job, ...] = ()
    rows: tuple[Job, ...] = ()
    total: int = 0
    pages: int = 0
    is_complete: bool = False


@dataclass(frozen=True)
class ManyJobsQuery(Query[ManyJobs]):
    """The newest 1,000 jobs of a time; a page a request."""

    priority: Priority = Priority.NICE_TO_HAVE

    def fetch(self, client: VpoClient, previous: ManyJobs | None) -> ManyJobs:
        """Ask for the next page, or for the first where all had been read."""
        known = ManyJobs() if previous is None or previous.is_complete else previous
        page = client.jobs(
            limit=_PAGE, offset=known.pages * _PAGE, since=dict(self.arguments).get("since")
        )
        # A job that came meanwhile has pushed others on to the next page.
        rows = {job.id: job for job in (*known.rows, *page.rows)}
        pages = known.pages + 1
        is_complete = not page.rows or pages * _PAGE >= min(page.total, MOST_JOBS)
        return ManyJobs(page.rows, tuple(rows.values()), page.total, pages, is_complete)

    def is_complete(self, data: ManyJobs) -> bool:
        """Whether the last page has been read."""
        return data.is_complete


def many_jobs(*, since: str | None) -> ManyJobsQuery:
    """The newest jobs of the last `24h`, `7d` or `30d`, or of all time."""
    arguments = () if since is None else (("since", since),)
    return ManyJobsQuery(Route.LIST, VpoClient.jobs, arguments)
