import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from . import parameters, responses
from .clock import utc_now
from .faults import Fault, Faults
from .request_guard import Handler, RequestGuard
from .store import JobFilter, Store

VERSION = "0.2.0"
JOB_TYPES = ("scan", "apply", "transcode", "move", "process", "prune")
STATUSES = ("queued", "running", "completed", "failed", "cancelled")
_SORTS = ("created_at", "job_type", "status", "file_path", "duration")
_JOB_PARAMETERS = {"status", "type", "since", "search", "sort", "order", "limit", "offset"}
_STATS_PERIODS = ("day", "week", "month")
_DEFAULT_LOG_LINES, _MAX_LOG_LINES = 500, 1000
_DEFAULT_RECENT = 10
_FAR = 2**53  # an offset beyond every list


@dataclass
class Api:
    """VPO's routes over a store. Each handler returns what a VPO 0.2.0 answers in its place."""

    store: Store
    faults: Faults
    workers: int
    polling: Mapping[str, object] | None
    address: str = ""
    started: float = field(default_factory=time.monotonic)

    def router(self, gate: RequestGuard) -> Router:
        """Return all routes, each behind the gate."""
        api: list[tuple[str, str, Handler]] = [
            ("/jobs", "jobs", self.jobs),
            ("/jobs/{job_id}", "job", self.job),
            ("/jobs/{job_id}/logs", "logs", self.logs),
            ("/jobs/{job_id}/errors", "errors", self.errors),
            ("/about", "about", self.about),
            ("/stats/summary", "stats", self.stats_summary),
            ("/stats/recent", "stats", self.stats_recent),
            ("/stats/policies", "stats", self.stats_policies),
            ("/stats/trends", "stats", self.stats_trends),
            ("/library", "library", self.library),
            ("/library/{file_id}", "library", self.library_file),
            ("/plans", "plans", self.plans),
            ("/config/polling", "config", self.config_polling),
        ]
        routes = [
            Route(prefix + path, gate.guard(name, handler), methods=["GET"])
            for prefix in ("/api", "/api/v1")
            for path, name, handler in api
        ]
        routes.append(Route("/health", gate.guard("health", self.health), methods=["GET"]))
        rest = gate.guard("", lambda _request: responses.not_found())
        routes.append(Route("/{path:path}", rest, methods=["GET"]))
        return Router(routes, redirect_slashes=False)

    def jobs(self, request: Request) -> Response:
        query = request.query_params
        if unknown := sorted(set(query) - _JOB_PARAMETERS):
            return responses.error(
                400, "UNKNOWN_PARAMETERS", f"Unknown query parameters: {unknown}"
            )
        for name, allowed in (
            ("status", STATUSES),
            ("type", JOB_TYPES),
            ("since", tuple(parameters.PERIODS)),
        ):
            value = query.get(name)
            if value and value not in allowed:
                return responses.invalid_parameter(name, value)
        limit, offset = parameters.page_of(query)
        sort = query.get("sort", "created_at")
        which = JobFilter(
            status=query.get("status") or None,
            job_type=query.get("type") or None,
            since=parameters.PERIODS.get(query.get("since", "")),
            search=parameters.search_text(query),
            sort=sort if sort in _SORTS else "created_at",
            ascending=query.get("order") == "asc",
        )
        jobs, total = self.store.jobs(which, limit=limit, offset=offset)
        filters = (which.status, which.job_type, which.since, which.search)
        return _page("jobs", jobs, total, request, has_filters=any(filters))

    def job(self, request: Request) -> Response:
        job_id = request.path_params["job_id"]
        if not parameters.is_uuid(job_id):
            return _bad_id("job")
        job = self.store.job(job_id)
        return responses.not_found() if job is None else responses.json_response(job)

    def logs(self, request: Request) -> Response:
        job_id = request.path_params["job_id"]
        if not parameters.is_uuid(job_id):
            return _bad_id("job")
        query = request.query_params
        limit = parameters.whole_number(query, "lines", _DEFAULT_LOG_LINES, 1, _MAX_LOG_LINES)
        offset = parameters.whole_number(query, "offset", 0, 0, _FAR)
        page = self.store.logs.read(job_id, limit=limit, offset=offset)
        return responses.json_response(
            {
                "job_id": job_id,
                "lines": page.lines,
                "total_lines": page.total,
                "offset": offset,
                "has_more": page.has_more,
            }
        )

    def errors(self, request: Request) -> Response:
        job_id = request.path_params["job_id"]
        if not parameters.is_uuid(job_id):
            return _bad_id("job")
        if self.store.job(job_id) is None:
            return responses.not_found()
        errors = self.store.scan_errors(job_id)
        return responses.json_response(
            {"job_id": job_id, "errors": errors, "total_errors": len(errors)}
        )

    def health(self, request: Request) -> Response:
        del request
        leaving = self.faults.on(Fault.SHUTTING_DOWN, "health") is not None
        body = {
            "status": "unhealthy" if leaving else "healthy",
            "database": "connected",
            "uptime_seconds": round(time.monotonic() - self.started, 1),
            "version": VERSION,
            "shutting_down": leaving,
            "jobs_queued": self.store.count("queued"),
            "jobs_running": self.store.count("running"),
            "active_workers": self.workers,
            "recent_errors": self.store.count(
                "failed", ended_since=utc_now() - timedelta(hours=24)
            ),
            "last_config_reload": None,
            "config_reload_count": 0,
            "config_reload_error": None,
        }
        return responses.json_response(body, 503 if leaving else 200)

    def about(self, request: Request) -> Response:
        del request
        return responses.json_response(
            {
                "version": VERSION,
                "git_hash": None,
                "profile_name": "Demo",
                "api_url": self.address,
                "docs_url": "https://github.com/randomparity/vpo/tree/main/docs",
                "is_read_only": True,
            }
        )

    def stats_summary(self, request: Request) -> Response:
        query = request.query_params
        if bad := _bad_since(request):
            return bad
        summary = self.store.statistics.summary(_since(request), query.get("policy") or None)
        return responses.json_response(summary)

    def stats_recent(self, request: Request) -> Response:
        query = request.query_params
        limit = parameters.whole_number(query, "limit", _DEFAULT_RECENT, 1, parameters.MAX_PAGE)
        return responses.json_response(
            self.store.statistics.recent(limit, query.get("policy") or None)
        )

    def stats_policies(self, request: Request) -> Response:
        if bad := _bad_since(request):
            return bad
        return responses.json_response(self.store.statistics.policies(_since(request)))

    def stats_trends(self, request: Request) -> Response:
        if bad := _bad_since(request):
            return bad
        group_by = request.query_params.get("group_by") or "day"
        if group_by not in _STATS_PERIODS:
            return responses.invalid_parameter("group_by", group_by)
        return responses.json_response(self.store.statistics.trends(_since(request), group_by))

    def library(self, request: Request) -> Response:
        limit, offset = parameters.page_of(request.query_params)
        search = parameters.search_text(request.query_params)
        status = request.query_params.get("status") or None
        files, total = self.store.library.page(
            search=search, status=status, limit=limit, offset=offset
        )
        return _page("files", files, total, request, has_filters=bool(search or status))

    def library_file(self, request: Request) -> Response:
        file_id = request.path_params["file_id"]
        if not (file_id.isascii() and file_id.isdecimal()):
            return _bad_id("file")
        file = self.store.library.file(min(int(file_id), _FAR))
        return responses.not_found() if file is None else responses.json_response({"file": file})

    def plans(self, request: Request) -> Response:
        """No plan ever waits for approval in the demo."""
        filters = {"status", "since", "policy_name"} & set(request.query_params)
        return _page("plans", [], 0, request, has_filters=bool(filters))

    def config_polling(self, request: Request) -> Response:
        del request
        return (
            responses.not_found() if self.polling is None else responses.json_response(self.polling)
        )


def _page(
    name: str, rows: list[dict[str, object]], total: int, request: Request, *, has_filters: bool
) -> Response:
    limit, offset = parameters.page_of(request.query_params)
    return responses.json_response(
        {
            name: rows,
            "total": total,
            "limit": limit,
            "offset": offset,
            "has_filters": has_filters,
            "max_page_size": parameters.MAX_PAGE,
        }
    )


def _bad_id(name: str) -> Response:
    return responses.error(400, "INVALID_ID_FORMAT", f"Invalid {name} ID format")


def _bad_since(request: Request) -> Response | None:
    value = request.query_params.get("since")
    bad = value and value not in parameters.PERIODS
    return responses.invalid_parameter("since", value) if value and bad else None


def _since(request: Request) -> datetime | None:
    period = parameters.PERIODS.get(request.query_params.get("since", ""))
    return None if period is None else utc_now() - period
