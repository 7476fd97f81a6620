"""VPO's HTTP API over a store: each handler answers as VPO 0.2.0 does."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .clock import utc_now
from .store import Store

VERSION = "0.2.0"
JOB_TYPES = ("scan", "apply", "transcode", "move", "process", "prune")
STATUSES = ("queued", "running", "completed", "failed", "cancelled")
PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MAX_PAGE_SIZE = 100
_SORTS = ("created_at", "job_type", "status", "file_path", "duration")
_JOB_PARAMETERS = {"status", "type", "since", "search", "sort", "order", "limit", "offset"}
_GROUPS = ("day", "week", "month")
_LARGEST_NUMBER = 2**53
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ID = "([^/]+)"
_NOT_FOUND_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="UTF-8">
    <title>Page Not Found - VPO</title>
</head>
<body>
    <h2>Page Not Found</h2>
    <div class="error-container">
        <h3>404 - Page Not Found</h3>
        <p class="error-message">The page you requested could not be found.</p>
    </div>
</body>
</html>"""


@dataclass(frozen=True)
class Response:
    """A complete HTTP response."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def json_response(body: Any, status: int = 200, **headers: str) -> Response:
    """Return JSON in ASCII, as VPO writes it; that can hold even half a surrogate pair."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, json.dumps(body).encode("ascii"), headers=named)


def error(status: int, code: str, message: str, **headers: str) -> Response:
    """Return an error of those that VPO sends as JSON."""
    return json_response({"error": message, "code": code}, status, **headers)


def not_found() -> Response:
    """Return 404 with an HTML page, as VPO does even below `/api`."""
    return Response(404, _NOT_FOUND_PAGE.encode(), "text/html; charset=utf-8")


class Query(dict[str, str]):
    """The parameters of a request."""

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number within its limits; for anything else the default."""
        try:
            value = int(self.get(name, default))
        except ValueError:
            value = default
        return min(max(value, low), high)

    def page(self) -> dict[str, Any]:
        """Return `limit` and `offset` of a list."""
        return {
            "limit": self.number("limit", 50, 1, MAX_PAGE_SIZE),
            "offset": self.number("offset", 0, 0, _LARGEST_NUMBER),
        }

    def text(self, name: str) -> str | None:
        return self.get(name) or None

    def search(self) -> str | None:
        return self.get("search", "").strip()[:200] or None

    def since(self) -> datetime | None:
        """Return the start of the period that `since` names, or None."""
        period = PERIODS.get(self.get("since", ""))
        return None if period is None else utc_now() - period

    def invalid(self, **allowed: tuple[str, ...]) -> Response | None:
        """Return the error for the first of these parameters with a value that isn't allowed."""
        for name, values in allowed.items():
            value = self.get(name)
            if value and value not in values:
                return error(400, "INVALID_PARAMETER", f"Invalid {name} value: {value!r}")
        return None


Handler = Callable[..., Response]


class Api:
    """The routes of VPO over a store. `workers` is the number that `/health` reports."""

    def __init__(self, store: Store, *, workers: int, url: str) -> None:
        self._store = store
        self._workers = workers
        self._url = url
        self._started = time.monotonic()
        api: dict[str, tuple[str, Handler]] = {
            "/jobs": ("jobs", self.jobs),
            f"/jobs/{_ID}": ("job", self.job),
            f"/jobs/{_ID}/logs": ("logs", self.logs),
            f"/jobs/{_ID}/errors": ("errors", self.errors),
            "/about": ("about", self.about),
            "/stats/summary": ("stats", self.stats_summary),
            "/stats/recent": ("stats", self.stats_recent),
            "/stats/policies": ("stats", self.stats_policies),
            "/stats/trends": ("stats", self.stats_trends),
            "/stats/library-distribution": ("stats", self.library_distribution),
            "/stats/library-trends": ("stats", self.library_trends),
            f"/stats/files/{_ID}": ("stats", self.file_runs),
            f"/stats/{_ID}": ("stats", self.stats_detail),
            "/library": ("library", self.library),
            f"/library/{_ID}": ("library", self.library_file),
            "/plans": ("plans", self.plans),
        }
        self.routes = {f"/api(?:/v1)?{path}": route for path, route in api.items()}
        self.routes["/health"] = ("health", self.health)

    def route(self, target: str) -> tuple[str, Callable[[], Response]]:
        """Return the name of a request's route and what answers it; `target` is path and query."""
        parts = urlsplit(target)
        query = Query(parse_qsl(parts.query, keep_blank_values=True))
        for pattern, (name, handler) in self.routes.items():
            if match := re.fullmatch(pattern, parts.path):
                values = [unquote(value) for value in match.groups()]
                return name, partial(handler, query, *values)
        return "", not_found

    def jobs(self, query: Query) -> Response:
        if unknown := sorted(set(query) - _JOB_PARAMETERS):
            return error(400, "UNKNOWN_PARAMETERS", f"Unknown query parameters: {unknown}")
        if invalid := query.invalid(status=STATUSES, type=JOB_TYPES, since=tuple(PERIODS)):
            return invalid
        filters: dict[str, Any] = {
            "status": query.text("status"),
            "job_type": query.text("type"),
            "since": query.since(),
            "search": query.search(),
        }
        sort = query.get("sort", "")
        jobs, total = self._store.jobs(
            **filters,
            sort=sort if sort in _SORTS else "created_at",
            ascending=query.get("order") == "asc",
            **query.page(),
        )
        return _page("jobs", jobs, total, query, has_filters=any(filters.values()))

    def job(self, _query: Query, job_id: str) -> Response:
        if not is_uuid(job_id):
            return _invalid_id("job")
        job = self._store.job(job_id)
        return not_found() if job is None else json_response(job)

    def logs(self, query: Query, job_id: str) -> Response:
        if not is_uuid(job_id):
            return _invalid_id("job")
        limit = query.number("lines", 500, 1, 1000)
        offset = query.number("offset", 0, 0, _LARGEST_NUMBER)
        lines, total = self._store.log(job_id, limit=limit, offset=offset)
        return json_response(
            {
                "job_id": job_id,
                "lines": lines,
                "total_lines": total,
                "offset": offset,
                "has_more": offset + len(lines) < total,
            }
        )

    def errors(self, _query: Query, job_id: str) -> Response:
        if not is_uuid(job_id):
            return _invalid_id("job")
        if self._store.job(job_id) is None:
            return not_found()
        errors = self._store.scan_errors(job_id)
        return json_response({"job_id": job_id, "errors": errors, "total_errors": len(errors)})

    def health(self, _query: Query) -> Response:
        yesterday = utc_now() - timedelta(hours=24)
        return json_response(
            {
                "status": "healthy",
                "database": "connected",
                "uptime_seconds": round(time.monotonic() - self._started, 1),
                "version": VERSION,
                "shutting_down": False,
                "jobs_queued": self._store.count("queued"),
                "jobs_running": self._store.count("running"),
                "active_workers": self._workers,
                "recent_errors": self._store.count("failed", ended_since=yesterday),
                "last_config_reload": None,
                "config_reload_count": 0,
                "config_reload_error": None,
            }
        )

    def about(self, _query: Query) -> Response:
        return json_response(
            {
                "version": VERSION,
                "git_hash": None,
                "profile_name": "Demo",
                "api_url": self._url,
                "docs_url": "https://github.com/randomparity/vpo/tree/main/docs",
                "is_read_only": True,
            }
        )

    def stats_summary(self, query: Query) -> Response:
        return query.invalid(since=tuple(PERIODS)) or json_response(
            self._store.stats_summary(query.since(), query.text("policy"))
        )

    def stats_recent(self, query: Query) -> Response:
        limit = query.number("limit", 10, 1, MAX_PAGE_SIZE)
        return json_response(self._store.stats_recent(limit, query.text("policy")))

    def stats_policies(self, query: Query) -> Response:
        return query.invalid(since=tuple(PERIODS)) or json_response(
            self._store.stats_policies(query.since())
        )

    def stats_trends(self, query: Query) -> Response:
        return query.invalid(since=tuple(PERIODS), group_by=_GROUPS) or json_response(
            self._store.stats_trends(query.since(), query.text("group_by") or "day")
        )

    def stats_detail(self, _query: Query, stats_id: str) -> Response:
        report = self._store.stats_detail(stats_id)
        return not_found() if report is None else json_response(report)

    def file_runs(self, _query: Query, file_id: str) -> Response:
        if not (file_id.isascii() and file_id.isdecimal()):
            return _invalid_id("file")
        return json_response(self._store.file_runs(min(int(file_id), _LARGEST_NUMBER)))

    def library_distribution(self, _query: Query) -> Response:
        return json_response(self._store.library_distribution())

    def library_trends(self, _query: Query) -> Response:
        return json_response(self._store.library_trends())

    def library(self, query: Query) -> Response:
        filters: dict[str, Any] = {"search": query.search(), "status": query.text("status")}
        files, total = self._store.files(**filters, **query.page())
        return _page("files", files, total, query, has_filters=any(filters.values()))

    def library_file(self, _query: Query, file_id: str) -> Response:
        if not (file_id.isascii() and file_id.isdecimal()):
            return _invalid_id("file")
        row = self._store.file(min(int(file_id), _LARGEST_NUMBER))
        return not_found() if row is None else json_response({"file": _file(row)})

    def plans(self, query: Query) -> Response:
        """Return no plans: in the demo, none ever waits for approval."""
        has_filters = bool({"status", "since", "policy_name"} & set(query))
        return _page("plans", [], 0, query, has_filters=has_filters)


def _page(
    name: str, rows: list[dict[str, Any]], total: int, query: Query, *, has_filters: bool
) -> Response:
    page = {name: rows, "total": total, **query.page(), "has_filters": has_filters}
    return json_response(page | {"max_page_size": MAX_PAGE_SIZE})


def _invalid_id(name: str) -> Response:
    return error(400, "INVALID_ID_FORMAT", f"Invalid {name} ID format")


def _file(row: dict[str, Any]) -> dict[str, Any]:
    path, size = PurePosixPath(row["path"]), row["size_bytes"]
    video = _track(10 * row["id"], 0, "video", row["video_codec"], "und")
    video |= {"width": row["width"], "height": row["height"], "frame_rate": "25/1"}
    audio = [
        _track(10 * row["id"], index, "audio", "aac", language)
        | {"channels": 2, "channel_layout": "stereo"}
        for index, language in enumerate(row["languages"].split(", "), 1)
    ]
    named = ("id", "path", "filename", "size_bytes", "modified_at", "scanned_at", "scan_status")
    return {name: row[name] for name in (*named, "scan_error", "scan_job_id")} | {
        "directory": str(path.parent),
        "extension": path.suffix.removeprefix("."),
        "container_format": "matroska,webm",
        "size_human": f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{size / 2**20:.1f} MB",
        "video_tracks": [video],
        "audio_tracks": audio,
        "subtitle_tracks": [],
        "other_tracks": [],
        "total_tracks": 1 + len(audio),
        "has_many_tracks": False,
        "container_tags": {"encoder": "Lavf59.27.100"},
        "has_container_tags": True,
        "plugin_metadata": None,
        "has_plugin_data": False,
        "plugin_count": 0,
    }


def _track(
    first_id: int, index: int, track_type: str, codec: str, language: str
) -> dict[str, object]:
    unknown = ("title", "width", "height", "frame_rate", "channels", "channel_layout")
    return dict.fromkeys((*unknown, "transcription")) | {
        "id": first_id + index,
        "index": index,
        "track_type": track_type,
        "codec": codec,
        "language": language,
        "is_default": index == 1,
        "is_forced": False,
    }
