"""What a healthy VPO answers, put together from the recordings so that its routes agree."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
_TIME = re.compile(r"2026-11-2\d(T\d\d:\d\d:\d\d\.\d+)?")
_NEWEST = datetime(2026, 11, 23, 21, 53, tzinfo=UTC)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_JSON = {"Content-Type": "application/json; charset=utf-8"}

RUNNING = "273011fb-a77a-4487-8c7b-bed8690ec2d3"
"""A running transcode with a log of 600 lines."""
FAILED = "a611c397-c151-491e-a730-0e76dad8d37e"
"""A failed transcode with a log."""
SCAN = "adb478e5-864d-4fed-8403-e72b9c1a292d"
"""A completed scan that could not read two files."""

PROCESSED = "9ee27deb-55ba-47f8-9089-89855a6f5574"
"""A completed job with a report."""
REPORT = "f629b783-a7e8-4987-8e9a-61373060c017"
"""The report of a transcoded file."""

Params = dict[str, str]
Give = Callable[..., "Answer"]


@dataclass(frozen=True)
class Answer:
    """What a server sends: `body` is JSON, or text where that is what VPO sends."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=_JSON.copy)

    @property
    def is_json(self) -> bool:
        """Whether `body` is one of VPO's own JSON answers, and no page or error."""
        return self.status == 200 and not isinstance(self.body, str)

    def encoded(self) -> bytes:
        """The body as it is sent; a lone surrogate stays an escape."""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class RecordedApi:
    """Answers each route from the recordings, with their times moved so that they end just now."""

    def __init__(self, *, polling_offer: dict[str, Any] | None = None) -> None:
        self._offer = polling_offer
        self._moved = datetime.now(UTC) - _NEWEST
        self._texts: dict[str, str] = {}
        self._jobs: list[dict[str, Any]] = self._recording("jobs_limit_100").body["jobs"]
        details = (self._recording(path.stem) for path in sorted(_RECORDINGS.glob("job_*.json")))
        self._details = {detail.body["id"]: detail.body for detail in details if detail.is_json}
        first, last = (self._recording(f"logs_long_{name}").body for name in ("first_500", "tail"))
        self._logs: dict[str, list[str]] = {RUNNING: first["lines"] + last["lines"]}
        for name in ("logs_real_failed_transcode", "logs_real_transcode", "logs_none"):
            log = self._recording(name).body
            self._logs[log["job_id"]] = log["lines"]
        self._routes: list[tuple[str, str, Give]] = [
            ("jobs", r"/api/jobs", self._list),
            ("job", r"/api/jobs/([^/]+)", self._detail),
            ("logs", r"/api/jobs/([^/]+)/logs", self._lines),
            ("errors", r"/api/jobs/([^/]+)/errors", self._errors),
            ("health", r"/health", self._health),
            ("about", r"/api/about", lambda _params: self._recording("about")),
            ("stats", r"/api/stats/(summary|policies|trends)", self._stats),
            ("stats", r"/api/stats/recent", self._recent),
            ("stats", r"/api/stats/library-(distribution|trends)", self._library_stats),
            ("stats", r"/api/stats/([^/]+)", self._report),
            ("stats", r"/api/stats/files/(\d+)", self._runs),
            ("library", r"/api/library", self._library),
            ("library", r"/api/library/(\d+)", self._file),
            ("plans", r"/api/plans", self._plans),
            ("config", r"/api/config/polling", self._polling),
        ]

    def answer(self, target: str) -> tuple[str, Answer]:
        """The route (a name as in the demo's `ROUTES`, or "" for none) and its answer."""
        parts = urlsplit(target)
        params = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        for route, pattern, give in self._routes:
            if match := re.fullmatch(pattern, parts.path):
                return route, give(params, *map(unquote, match.groups()))
        return "", self._recording("job_404")

    def _recording(self, name: str) -> Answer:
        if name not in self._texts:
            text = (_RECORDINGS / f"{name}.json").read_text("utf-8")
            self._texts[name] = _TIME.sub(lambda at: _later(at[0], self._moved), text)
        said = json.loads(self._texts[name])
        return Answer(said["body"], said["status"], said["headers"])

    def _list(self, params: Params) -> Answer:
        rows = [
            job
            for job in self._jobs
            if params.get("status") in (None, job["status"])
            and params.get("type") in (None, job["job_type"])
            and params.get("search", "") in job["file_path"]
        ]
        limit, offset = min(100, int(params.get("limit", 50))), int(params.get("offset", 0))
        page = {"total": len(rows), "limit": limit, "offset": offset, "max_page_size": 100}
        has_filters = bool({"status", "type", "since", "search"} & set(params))
        return Answer({"jobs": rows[offset : offset + limit], **page, "has_filters": has_filters})

    def _detail(self, _params: Params, job_id: str) -> Answer:
        if not _UUID.fullmatch(job_id):
            return self._recording("job_400_bad_id")
        if job_id in self._details:
            return Answer(dict(self._details[job_id]))
        for job in self._jobs:
            if job["id"] == job_id:
                started_at = None if job["status"] == "queued" else job["created_at"]
                own = {**job, "id_short": job_id[:8], "started_at": started_at}
                return Answer({**self._details[SCAN], **_NOTHING_MORE, **own})
        return self._recording("job_404")

    def _lines(self, params: Params, job_id: str) -> Answer:
        lines = self._logs.get(job_id, [])
        start = int(params.get("offset", 0))
        end = start + min(1000, int(params.get("lines", 500)))
        place = {"total_lines": len(lines), "offset": start, "has_more": end < len(lines)}
        return Answer({"job_id": job_id, "lines": lines[start:end], **place})

    def _errors(self, _params: Params, job_id: str) -> Answer:
        if job_id == SCAN:
            return self._recording("errors_scan")
        return Answer({"job_id": job_id, "errors": [], "total_errors": 0})

    def _health(self, _params: Params) -> Answer:
        def count(status: str) -> int:
            return sum(job["status"] == status for job in self._jobs)

        counts = {f"jobs_{status}": count(status) for status in ("queued", "running")}
        body = self._recording("health_healthy").body
        return Answer({**body, **counts, "recent_errors": count("failed")})

    def _stats(self, _params: Params, name: str) -> Answer:
        return self._recording(f"stats_{name}")

    def _library_stats(self, _params: Params, name: str) -> Answer:
        return self._recording(f"library_{name}")

    def _recent(self, params: Params) -> Answer:
        return Answer(self._recording("stats_recent").body[: int(params.get("limit", 50))])

    def _report(self, _params: Params, stats_id: str) -> Answer:
        report = self._recording("stats_detail_transcoded")
        return report if report.body["stats_id"] == stats_id else self._recording("job_404")

    def _runs(self, _params: Params, file_id: str) -> Answer:
        return self._recording("stats_file_runs" if file_id == "16" else "stats_file_unknown")

    def _library(self, params: Params) -> Answer:
        page = self._recording("library_search").body
        files = [file for file in page["files"] if params.get("search", "") in file["path"]]
        if status := params.get("status"):
            scan_error = (
                "No such file or directory" if status == "missing" else "moov atom not found"
            )
            files = [{**file, "scan_status": status, "scan_error": scan_error} for file in files]
        return Answer({**page, "files": files, "total": len(files)})

    def _file(self, _params: Params, file_id: str) -> Answer:
        body = self._recording("library_detail").body
        is_known = int(file_id) == body["file"]["id"]
        return Answer(body) if is_known else self._recording("job_404")

    def _plans(self, params: Params) -> Answer:
        """The recording holds none: one is added with the fields that VPO's source has."""
        created_at = self._jobs[0]["created_at"]
        plan = {**_PLAN, "created_at": created_at, "updated_at": created_at}
        limit = {"limit": min(100, int(params.get("limit", 50)))}
        return Answer({**self._recording("plans").body, "plans": [plan], "total": 1, **limit})

    def _polling(self, _params: Params) -> Answer:
        return self._recording("job_404") if self._offer is None else Answer(dict(self._offer))


_NOTHING_MORE = {
    "policy_name": None,
    "error_message": None,
    "summary": None,
    "summary_raw": None,
    "has_scan_errors": False,
}
_PLAN = {
    "id": "5f0c6d2e-2f1c-4b11-9a6e-5d3b1f1f7a01",
    "id_short": "5f0c6d2e",
    "file_id": 11,
    "file_path": "/srv/media/movies/Long.Movie.2024.mkv",
    "filename": "Long.Movie.2024.mkv",
    "file_deleted": False,
    "policy_name": "Simple HEVC Transcode",
    "action_count": 2,
    "requires_remux": True,
    "status": "pending",
}


def _later(text: str, moved: timedelta) -> str:
    """The same moment or day, so much later."""
    moment = datetime.fromisoformat(text) + moved
    return moment.isoformat(timespec="microseconds") if "T" in text else moment.date().isoformat()
