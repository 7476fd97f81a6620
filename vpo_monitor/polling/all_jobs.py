"""More jobs than one page of the list holds, requested page by page for the history."""

from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.queries import Priority, Route

MOST_JOBS = 1000
_PAGE = 100
"""Jobs that VPO gives at once."""


def all_jobs(*, since: str | None) -> BulkQuery[int]:
    """The newest 1,000 jobs of the last `24h`, `7d` or `30d`, or of all time.

    The jobs themselves are for the poller's listener. The result is how many match.
    """
    return BulkQuery(Route.LIST, _pages, (("since", since),), Priority.NICE_TO_HAVE)


def _pages(since: str | None) -> Steps[int]:
    total = 0
    for offset in range(0, MOST_JOBS, _PAGE):
        page = yield total, queries.jobs(limit=_PAGE, offset=offset or None, since=since)
        total = page.total
        if not page.rows or offset + _PAGE >= total:
            break
    return total
