"""The requests that can be sent to a server, as values: each is the key of a snapshot."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Generic, TypeVar

from vpo_monitor.api import models
from vpo_monitor.api.client import VpoClient

T = TypeVar("T")


class Route(StrEnum):
    """The routes of VPO; one can fail while another works."""

    LIST = "job list"
    DETAIL = "job"
    LOGS = "log"
    ERRORS = "scan errors"
    STATS = "statistics"
    REPORT = "job report"
    LIBRARY = "library"
    PLANS = "plans"
    HEALTH = "health"
    ABOUT = "about"
    CONFIG = "polling settings"


UNLIMITED_ROUTES = frozenset({Route.HEALTH, Route.ABOUT})
"""Not covered by the server's rate limit, so a 429 elsewhere doesn't stop them."""


class Priority(IntEnum):
    """What goes first when the budget is short. Waiting raises it, so that nothing starves."""

    IN_VIEW = 0
    """A viewer is looking at it."""
    BULK = 1
    """A viewer requested it, and it takes many requests."""
    NICE_TO_HAVE = 2
    """Nobody waits for it."""


@dataclass(frozen=True)
class Query(Generic[T]):
    """One request to the server. Equal queries share one snapshot and one request."""

    route: Route
    method: Callable[..., Any]
    """Sends the request: mostly a method of VpoClient."""
    arguments: tuple[tuple[str, Any], ...] = ()
    priority: Priority = Priority.IN_VIEW

    def fetch(self, client: VpoClient) -> T:
        """Send exactly one request."""
        answer: T = self.method(client, **dict(self.arguments))
        return answer


def _arguments(**arguments: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((key, value) for key, value in arguments.items() if value is not None))


def jobs(
    *,
    status: str | None = None,
    job_type: str | None = None,
    since: str | None = None,
    search: str | None = None,
    sort: str | None = None,
    order: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
) -> Query[models.JobPage]:
    """A page of the job list; the arguments are the route's parameters."""
    arguments = _arguments(
        status=status,
        job_type=job_type,
        since=since,
        search=search,
        sort=sort,
        order=order,
        limit=limit,
        offset=offset,
    )
    return Query(Route.LIST, VpoClient.jobs, arguments)


def job(job_id: str) -> Query[models.JobDetail]:
    """One job."""
    return Query(Route.DETAIL, VpoClient.job, _arguments(job_id=job_id))


def log_lines(job_id: str, *, lines: int, offset: int) -> Query[models.LogLines]:
    """Part of a job's log."""
    return Query(Route.LOGS, VpoClient.logs, _arguments(job_id=job_id, lines=lines, offset=offset))


def scan_errors(job_id: str) -> Query[models.ScanErrors]:
    """The files that a scan job couldn't read."""
    return Query(Route.ERRORS, VpoClient.scan_errors, _arguments(job_id=job_id))


def health() -> Query[models.Health]:
    """The server's health, which is available even while its database is locked."""
    return Query(Route.HEALTH, VpoClient.health)


def about() -> Query[models.About]:
    """Version and profile of the server."""
    return Query(Route.ABOUT, VpoClient.about)


def admission() -> Query[models.LogLines]:
    """A check of the token: the data is an empty log, an error says why the app has no access."""
    return Query(Route.LOGS, VpoClient.probe_access)


def polling_offer() -> Query[models.PollingOffer]:
    """The polling intervals that the server asks for, if any."""
    return Query(Route.CONFIG, VpoClient.polling_offer)


def stats_summary(*, since: str | None = None) -> Query[models.StatsSummary]:
    """Totals over all processed files."""
    return Query(Route.STATS, VpoClient.stats_summary, _arguments(since=since))


def stats_policies(*, since: str | None = None) -> Query[models.Policies]:
    """Totals for each policy."""
    return Query(Route.STATS, VpoClient.stats_policies, _arguments(since=since))


def stats_trends(*, since: str | None = None, group_by: str | None = None) -> Query[models.Trends]:
    """Totals for each period."""
    return Query(Route.STATS, VpoClient.stats_trends, _arguments(since=since, group_by=group_by))


def stats_recent(*, limit: int | None = None) -> Query[models.RecentFiles]:
    """The files processed last, of which the estimates in view are made."""
    return Query(Route.STATS, VpoClient.stats_recent, _arguments(limit=limit))


def job_report(stats_id: str) -> Query[models.JobReport]:
    """What a job did to its file; a report never changes."""
    return Query(Route.REPORT, VpoClient.job_report, _arguments(stats_id=stats_id))


def file_runs(file_id: int) -> Query[models.FileRuns]:
    """The runs of one file, newest first."""
    return Query(Route.STATS, VpoClient.file_runs, _arguments(file_id=file_id))


def plans_waiting() -> Query[models.PlanPage]:
    """The plans that wait for approval: their number is the page's total."""
    return Query(Route.PLANS, VpoClient.plans, _arguments(status="pending", limit=1))


def library(*, search: str, limit: int) -> Query[models.LibraryPage]:
    """Files of the library whose path contains a text."""
    return Query(Route.LIBRARY, VpoClient.library, _arguments(search=search, limit=limit))


def library_files(status: str, *, limit: int) -> Query[models.LibraryPage]:
    """The first files of the library with a scan status, such as `error` or `missing`."""
    return Query(Route.LIBRARY, VpoClient.library_files, _arguments(status=status, limit=limit))


def library_distribution() -> Query[models.LibraryDistribution]:
    """How many files of the library have each container and codec."""
    return Query(Route.STATS, VpoClient.library_distribution)


def library_trends() -> Query[models.LibraryTrends]:
    """The files and bytes of the library at each scan."""
    return Query(Route.STATS, VpoClient.library_trends)


def library_file(file_id: int) -> Query[models.LibraryFileDetail]:
    """One file of the library, with its size."""
    return Query(Route.LIBRARY, VpoClient.library_file, _arguments(file_id=file_id))


RUNNING = jobs(status="running", limit=50)
"""The running jobs; all readers of this query share one response, and so for those below."""
COMPLETED = jobs(status="completed", limit=100)
FAILED = jobs(status="failed", limit=20)
