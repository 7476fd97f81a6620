"""The requests of a recording: fixed ones first, then those that depend on VPO's contents."""

import itertools
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from vpo_monitor.analysis.job_filter import JOB_TYPES, STATUSES

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TYPE = re.compile(r"[a-z]{1,30}")
_MOST_LOOKED_AT = 5
"""Jobs of one kind to fetch in search of one with scan errors, or with another report."""
_LONG_LOG = 500
"""Lines that VPO sends by default."""

Params = Mapping[str, str | int]


@dataclass(frozen=True)
class Request:
    """One GET. `id` replaces `{id}` in `route`; `search` is a text from VPO itself.

    `name` is the file name without its extension; a request without a name is not recorded.
    """

    name: str
    route: str
    params: Params = field(default_factory=dict)
    id: str = ""
    search: str | None = None

    @property
    def path(self) -> str:
        """The path without parameters."""
        return self.route.replace("{id}", self.id)

    @property
    def shown(self) -> str:
        """The request without VPO's own data."""
        params = {**({} if self.search is None else {"search": "NAME"}), **self.params}
        return f"{self.route}?{urlencode(params)}" if params else self.route

    @property
    def all_params(self) -> dict[str, str | int]:
        """All parameters in the order of the request."""
        return {**({} if self.search is None else {"search": self.search}), **self.params}


@dataclass(frozen=True)
class Answer:
    """A response: `body` is decoded if it is JSON, else it is text."""

    status: int
    content_type: str
    body: Any

    @property
    def is_html(self) -> bool:
        """Whether the response is an HTML page."""
        return self.content_type.startswith("text/html")

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object of a successful response, else an empty one."""
        return self.body if self.status == HTTPStatus.OK and isinstance(self.body, dict) else {}

    def rows(self, key: str) -> list[dict[str, Any]]:
        """Return the objects in a list of a successful response."""
        values = self.fields.get(key)
        return [row for row in values if isinstance(row, dict)] if isinstance(values, list) else []


@dataclass(frozen=True)
class Recorded:
    """A response with its request."""

    request: Request
    answer: Answer


Found = TypeVar("Found")
Asking = Generator[Request, Answer, Found]
"""A generator that yields requests, receives responses and returns its result."""

_JOBS, _JOB, _LOGS = "/api/jobs", "/api/jobs/{id}", "/api/jobs/{id}/logs"
_LIBRARY, _REPORT, _RUNS = "/api/library", "/api/stats/{id}", "/api/stats/files/{id}"

FIXED = (
    Request("about", "/api/about"),
    Request("jobs_default", _JOBS),
    Request("jobs_v1", "/api/v1/jobs", {"limit": 2}),
    Request("jobs_limit_100", _JOBS, {"limit": 100}),
    Request("jobs_limit_clamped", _JOBS, {"limit": 5000}),
    Request("jobs_page_2", _JOBS, {"limit": 50, "offset": 50}),
    Request("jobs_past_end", _JOBS, {"offset": 100_000}),
    Request("jobs_running", _JOBS, {"status": "running"}),
    Request("jobs_failed_24h", _JOBS, {"status": "failed", "since": "24h"}),
    Request("jobs_since_7d_transcode", _JOBS, {"since": "7d", "type": "transcode"}),
    Request("jobs_sort_duration_asc", _JOBS, {"sort": "duration", "order": "asc", "limit": 20}),
    Request("jobs_empty", _JOBS, {"search": "zzzz-no-such-file"}),
    Request("jobs_400_foo", _JOBS, {"foo": 1}),
    Request("jobs_400_since", _JOBS, {"since": "99y"}),
    Request("jobs_400_status", _JOBS, {"status": "bogus"}),
    Request("jobs_400_type", _JOBS, {"type": "bogus"}),
    Request("job_400_bad_id", _JOB, id="not-a-uuid"),
    Request("job_404", _JOB, id=UNKNOWN_ID),
    Request("logs_unknown_job", _LOGS, id=UNKNOWN_ID),
    Request("stats_summary", "/api/stats/summary"),
    Request("stats_summary_24h", "/api/stats/summary", {"since": "24h"}),
    Request("stats_recent", "/api/stats/recent"),
    Request("stats_policies", "/api/stats/policies"),
    Request("stats_trends", "/api/stats/trends"),
    Request("stats_detail_unknown", _REPORT, id=UNKNOWN_ID),
    Request("stats_file_unknown", _RUNS, id="99999999"),
    Request("library_distribution", "/api/stats/library-distribution"),
    Request("library_trends", "/api/stats/library-trends"),
    Request("library_empty", _LIBRARY, {"search": "zzz-none"}),
    Request("library_status_error", _LIBRARY, {"status": "error", "limit": 1}),
    Request("library_status_missing", _LIBRARY, {"status": "missing", "limit": 1}),
    Request("policies", "/api/policies"),
    Request("plans", "/api/plans"),
    Request("config_polling", "/api/config/polling"),
)
"""Requests that suit every VPO, whatever it contains."""

DEPENDENT = (
    "jobs_search",
    *(f"job_{kind}_{status}" for kind, status in itertools.product(JOB_TYPES, STATUSES)),
    "job_scan_with_errors",
    "errors_scan",
    "job_process_with_stats",
    "stats_detail_transcoded",
    "stats_detail_skipped",
    "stats_file_runs",
    "logs_process_phases",
    "logs_process_skipped",
    "logs_real_transcode",
    "logs_real_failed_transcode",
    "logs_none",
    "logs_long_first_500",
    "logs_long_tail",
    "logs_lines_clamped",
    "logs_past_end",
    "library_search",
    "library_detail",
)
"""Recordings that require a job, a log or a file that a VPO may lack."""


def everything(*, with_token: bool) -> Asking[dict[str, Recorded]]:
    """Request one response of each route and kind; returns the recordings by name."""
    kept: dict[str, Recorded] = {}
    health = Request("health_healthy", "/health")
    answer = yield health
    word = str(answer.fields.get("status"))
    name = f"health_{word}" if _TYPE.fullmatch(word) else "health_other"
    kept[name] = Recorded(health, answer)
    fixed = [*FIXED, Request("jobs_200_basic_auth", _JOBS, {"limit": 1})] if with_token else FIXED
    for request in fixed:
        yield from _keep(kept, request)
    listed = [row for one in kept.values() for row in one.answer.rows("jobs")]
    if search := _search_text(listed, "file_path"):
        yield from _keep(kept, Request("jobs_search", _JOBS, search=search))
    jobs = yield from _jobs(kept, listed)
    yield from _scan_errors(kept, jobs)
    yield from _reports(kept, jobs)
    yield from _logs(kept, jobs)
    yield from _library(kept)
    return kept


def _keep(kept: dict[str, Recorded], request: Request) -> Asking[Answer]:
    """Send a request, and keep the response unless its name is taken."""
    answer = yield request
    kept.setdefault(request.name, Recorded(request, answer))
    return answer


def _jobs(kept: dict[str, Recorded], listed: Sequence[dict[str, Any]]) -> Asking[list[Answer]]:
    """Record one job of each type and status; returns their details."""
    of_kind: dict[tuple[str, str], str] = {}
    for row in listed:
        kind, status = str(row.get("job_type")), str(row.get("status"))
        if _TYPE.fullmatch(kind) and _TYPE.fullmatch(status) and (job_id := _id(row.get("id"))):
            of_kind.setdefault((kind, status), job_id)
    kinds = dict.fromkeys([*itertools.product(JOB_TYPES, STATUSES), *of_kind])
    found = []
    for kind, status in kinds:
        job_id = of_kind.get((kind, status), "")
        if not job_id:
            ids = yield from _ids_of(kind, status, limit=1)
            job_id = next(iter(ids), "")
        if job_id:
            request = Request(f"job_{kind}_{status}", _JOB, id=job_id)
            answer = yield request
            is_as_listed = (answer.fields.get("job_type"), answer.fields.get("status"))
            if is_as_listed == (kind, status):  # else its status has changed since
                kept[request.name] = Recorded(request, answer)
                found.append(answer)
    return found


def _ids_of(kind: str, status: str, limit: int) -> Asking[list[str]]:
    params: Params = {"type": kind, "status": status, "limit": limit}
    answer = yield Request("", _JOBS, params)
    return [job_id for row in answer.rows("jobs") if (job_id := _id(row.get("id")))]


def _details(kind: str, known: Sequence[Answer]) -> Asking[list[Answer]]:
    """Fetch several finished jobs of a type, already known ones first."""
    details = [one for one in known if one.fields.get("job_type") == kind]
    ids = {one.fields.get("id") for one in details}
    others = yield from _ids_of(kind, "completed", limit=_MOST_LOOKED_AT)
    for job_id in others:
        if job_id not in ids:
            detail = yield Request("", _JOB, id=job_id)
            details += [detail]
    return details


def _scan_errors(kept: dict[str, Recorded], jobs: Sequence[Answer]) -> Asking[None]:
    """Record the errors of a scan that has some."""
    scans = yield from _details("scan", jobs)
    for scan in scans:
        job_id = _id(scan.fields.get("id"))
        if job_id and scan.fields.get("has_scan_errors"):
            request = Request("job_scan_with_errors", _JOB, id=job_id)
            kept[request.name] = Recorded(request, scan)
            yield from _keep(kept, Request("errors_scan", "/api/jobs/{id}/errors", id=job_id))
            return


def _reports(kept: dict[str, Recorded], jobs: Sequence[Answer]) -> Asking[None]:
    """Record the reports of processed files, one of each kind, with the logs of their jobs."""
    processed = yield from _details("process", jobs)
    for job in processed:
        job_id, raw = _id(job.fields.get("id")), job.fields.get("summary_raw")
        stats_id = _id(raw.get("stats_id")) if isinstance(raw, dict) else ""
        if not job_id or not stats_id:
            continue
        name, log_name = "stats_detail_transcoded", "logs_process_phases"
        request = Request("", _REPORT, id=stats_id)
        report = yield request
        if report.fields.get("video_transcode_skipped"):
            name, log_name = "stats_detail_skipped", "logs_process_skipped"
        elif not report.fields.get("video_target_codec"):
            continue
        if name not in kept:
            kept[name] = Recorded(replace(request, name=name), report)
            of_job = Request("job_process_with_stats", _JOB, id=job_id)
            kept.setdefault(of_job.name, Recorded(of_job, job))
            yield from _keep(kept, Request(log_name, _LOGS, id=job_id))
        file_id = report.fields.get("file_id")
        if isinstance(file_id, int) and "stats_file_runs" not in kept:
            yield from _keep(kept, Request("stats_file_runs", _RUNS, id=str(file_id)))


def _logs(kept: dict[str, Recorded], jobs: Sequence[Answer]) -> Asking[None]:
    """Record transcode logs, the longest one in parts, and the empty log of a job without one."""
    longest, most = "", -1
    for job in jobs:
        job_id = _id(job.fields.get("id"))
        kind = (str(job.fields.get("job_type")), str(job.fields.get("status")))
        if not job_id:
            continue
        if not job.fields.get("has_logs"):
            if "logs_none" not in kept:
                yield from _keep(kept, Request("logs_none", _LOGS, id=job_id))
            continue
        name = _TRANSCODES.get(kind, "")
        request = Request(name, _LOGS, {} if name else {"lines": 1}, id=job_id)
        answer = (yield from _keep(kept, request)) if name else (yield request)
        total = answer.fields.get("total_lines")
        if isinstance(total, int) and total > most:
            longest, most = job_id, total
    if not longest:
        return
    tail, end = max(0, most - 100), max(0, most - 20)
    if most > _LONG_LOG:
        yield from _keep(kept, Request("logs_long_first_500", _LOGS, id=longest))
    for name, params in (
        ("logs_long_tail", {"lines": 100, "offset": tail}),
        ("logs_lines_clamped", {"lines": 5000, "offset": end}),
        ("logs_past_end", {"offset": most}),
    ):
        yield from _keep(kept, Request(name, _LOGS, params, id=longest))


_TRANSCODES = {
    ("transcode", "completed"): "logs_real_transcode",
    ("transcode", "failed"): "logs_real_failed_transcode",
}


def _library(kept: dict[str, Recorded]) -> Asking[None]:
    """Record one library file, from a search and in full."""
    first = yield Request("", _LIBRARY, {"limit": 1})
    files = first.rows("files")
    if search := _search_text(files, "filename"):
        yield from _keep(kept, Request("library_search", _LIBRARY, {"limit": 5}, search=search))
    for file in files:
        if isinstance(file.get("id"), int):
            yield from _keep(
                kept, Request("library_detail", "/api/library/{id}", id=str(file["id"]))
            )


def _search_text(rows: Sequence[dict[str, Any]], key: str) -> str | None:
    """Return a file name without directory and extension that is short enough to search for."""
    for row in rows:
        path = row.get(key)
        if isinstance(path, str):
            stem, _dot, extension = re.split(r"[/\\]", path)[-1].rpartition(".")
            if extension and stem and len(stem) <= 200:  # noqa: PLR2004 - VPO's limit
                return stem
    return None


def _id(value: object) -> str:
    """Return the id if it is safe in a path, else an empty text."""
    return value if isinstance(value, str) and _UUID.fullmatch(value) else ""
