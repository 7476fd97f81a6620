"""A method for each route of VPO's API, with its path, parameters and response model."""

from typing import TypeVar
from urllib.parse import quote

from vpo_monitor.api import errors, models
from vpo_monitor.api.fields import LONGEST_NAME
from vpo_monitor.api.json_http import READ_TIMEOUT, GetsJson, JsonHttp, Params
from vpo_monitor.api.model_base import Answer, WrongShape
from vpo_monitor.api.server import Server

Model = TypeVar("Model", bound=Answer)
_NO_JOB = "00000000-0000-4000-8000-000000000000"
"""An id without a job. VPO reports at once that it has no log, even if its database is locked."""


class VpoClient:
    """A client of one server. Thread-safe.

    Each method returns a model or raises a VpoError. Nothing is retried or cached; callers decide
    when to send a request. `read_timeout` is in seconds. `http` replaces the client's own
    connection.
    """

    def __init__(
        self,
        server: Server,
        *,
        read_timeout: float = READ_TIMEOUT,
        http: GetsJson | None = None,
    ) -> None:
        self.server = server
        self._http = http or JsonHttp(server, read_timeout=read_timeout)

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours; 0 if unknown."""
        return self._http.clock_ahead

    def request(
        self,
        model: type[Model],
        path: str,
        params: Params | None = None,
        *,
        accept_503: bool = False,
        may_lack: bool = False,
    ) -> Model:
        """Request `path` and parse the response as `model`. Every other method uses this one.

        A 404 means NotFound only if `may_lack` is set; otherwise the server is not VPO.
        """
        try:
            return model.read(self._http.get(path, params, accept_503=accept_503))
        except errors.NotFound:
            if may_lack:
                raise
            raise self._no_vpo() from None
        except (WrongShape, RecursionError) as error:
            raise self._no_vpo() from error

    def _no_vpo(self) -> errors.BadResponse:
        return errors.BadResponse(
            f"{self.server.url} sent an unexpected response. "
            "Check that the address is that of VPO 0.2 or newer."
        )

    def jobs(
        self,
        *,
        status: str | None = None,
        job_type: str | None = None,
        since: str | None = None,
        search: str | None = None,
        sort: str | None = None,
        order: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.JobPage:
        """Fetch one page of the job list, newest first unless `sort` and `order` say otherwise."""
        params: Params = {
            "status": status,
            "type": job_type,
            "since": since,
            "search": search,
            "sort": sort,
            "order": order,
            "limit": limit,
            "offset": offset,
        }
        return self.request(models.JobPage, "/api/jobs", params).first(limit)

    def job(self, job_id: str) -> models.JobDetail:
        """Fetch one job. Raises NotFound or BadRequest if there is no job with that id."""
        return self.request(models.JobDetail, self._path_of(job_id), may_lack=True)

    def logs(
        self, job_id: str, *, lines: int | None = None, offset: int | None = None
    ) -> models.LogLines:
        """Fetch log lines of a job from `offset` (from the start); none for an unknown job."""
        path = self._path_of(job_id)
        return self.request(models.LogLines, f"{path}/logs", {"lines": lines, "offset": offset})

    def scan_errors(self, job_id: str) -> models.ScanErrors:
        """Fetch the files that a scan job could not read."""
        path = f"{self._path_of(job_id)}/errors"
        return self.request(models.ScanErrors, path, may_lack=True)

    def health(self) -> models.Health:
        """Fetch the server's health; a 503 response is valid too."""
        return self.request(models.Health, "/health", accept_503=True)

    def about(self) -> models.About:
        """Fetch the server's version and profile."""
        return self.request(models.About, "/api/about")

    def polling_offer(self) -> models.PollingOffer:
        """Fetch the polling intervals that the server suggests; NotFound if it suggests none."""
        return self.request(models.PollingOffer, "/api/config/polling", may_lack=True)

    def stats_summary(
        self, *, since: str | None = None, policy: str | None = None
    ) -> models.StatsSummary:
        """Fetch the totals of all processed files."""
        return self.request(
            models.StatsSummary, "/api/stats/summary", {"since": since, "policy": policy}
        )

    def stats_recent(
        self, *, limit: int | None = None, policy: str | None = None
    ) -> models.RecentFiles:
        """Fetch the most recently processed files."""
        params: Params = {"limit": limit, "policy": policy}
        return self.request(models.RecentFiles, "/api/stats/recent", params).first(limit)

    def stats_policies(self, *, since: str | None = None) -> models.Policies:
        """Fetch the totals of each policy."""
        return self.request(models.Policies, "/api/stats/policies", {"since": since})

    def stats_trends(
        self, *, since: str | None = None, group_by: str | None = None
    ) -> models.Trends:
        """Fetch the totals of each `day`, `week` or `month`."""
        return self.request(
            models.Trends, "/api/stats/trends", {"since": since, "group_by": group_by}
        )

    def job_report(self, stats_id: str) -> models.JobReport:
        """Fetch what a job did to its file. Raises NotFound if there is no such report."""
        path = f"/api/stats/{quote(stats_id, safe='')}"
        return self.request(models.JobReport, path, may_lack=True)

    def file_runs(self, file_id: int) -> models.FileRuns:
        """Fetch the runs of one file, newest first; none for an unknown file."""
        return self.request(models.FileRuns, f"/api/stats/files/{file_id}", may_lack=True)

    def plans(
        self,
        *,
        status: str | None = None,
        since: str | None = None,
        policy_name: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> models.PlanPage:
        """Fetch one page of the plans that await approval."""
        params: Params = {
            "status": status,
            "since": since,
            "policy_name": policy_name,
            "limit": limit,
            "offset": offset,
        }
        return self.request(models.PlanPage, "/api/plans", params).first(limit)

    def library(
        self, *, search: str | None = None, limit: int | None = None, offset: int | None = None
    ) -> models.LibraryPage:
        """Fetch one page of the files in VPO's library."""
        params: Params = {"search": search, "limit": limit, "offset": offset}
        return self.request(models.LibraryPage, "/api/library", params).first(limit)

    def library_files(self, *, status: str, limit: int) -> models.LibraryPage:
        """Fetch the first files with a scan status. Raises BadRequest for one that VPO lacks."""
        params: Params = {"status": status, "limit": limit}
        answer = self.request(models.LibraryPage, "/api/library", params, may_lack=True)
        return answer.first(limit)

    def library_distribution(self) -> models.LibraryDistribution:
        """Fetch how many files of the library have each container and codec."""
        path = "/api/stats/library-distribution"
        return self.request(models.LibraryDistribution, path, may_lack=True)

    def library_trends(self) -> models.LibraryTrends:
        """Fetch the files and bytes of the library at each scan."""
        return self.request(models.LibraryTrends, "/api/stats/library-trends", may_lack=True)

    def library_file(self, file_id: int) -> models.LibraryFileDetail:
        """Fetch one file of the library."""
        return self.request(models.LibraryFileDetail, f"/api/library/{file_id}", may_lack=True)

    def probe_access(self) -> models.LogLines:
        """Send a request that needs the token, which VPO answers at once in any state."""
        return self.logs(_NO_JOB, lines=1)

    def _path_of(self, job_id: str) -> str:
        """Return the path of a job. Raises BadRequest for an id that VPO rejects or never receives.

        An id may come from the page's URL, and one or two dots, in any encoding, lead to another
        route.
        """
        if job_id in (".", "..") or len(job_id) > LONGEST_NAME:
            raise errors.BadRequest(f"VPO at {self.server.url} has no job with this ID.")
        return f"/api/jobs/{quote(job_id, safe='')}"
