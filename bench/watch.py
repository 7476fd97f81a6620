"""What watching costs while nobody looks: `python -m bench.watch`. Takes some minutes.

Time is simulated, and the server is in this process: it has one worker, and a batch of jobs comes
every hour, 1,000 a day. It is watched every minute for 24 hours, and then for 30 days into one
file; in these, a viewer comes every hour, so that each job's details and report are stored, too.
"""

import gc
import json
import tempfile
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.figures import Figure, table
from vpo_monitor.analysis.feed import note_stalled
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import Params
from vpo_monitor.api.server import Server
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.history.watcher import ServerWatch
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller

_COMMAND = "python -m bench.watch"
_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
_INTERVAL = 60.0
_MINUTE, _HOUR, _DAY = 60.0, 3600, 86_400
_JOBS_A_DAY = 1000
_DAYS = 30
_LISTED = 300
"""Jobs that the server lists."""
_REPORT = json.loads(Path("tests/data/recordings/stats_detail_transcoded.json").read_text("utf-8"))[
    "body"
]


class _Vpo:
    """A server, and its clock; counts the requests of each minute."""

    clock_ahead = 0.0

    def __init__(self) -> None:
        self.now = 0.0
        self.jobs: dict[str, dict[str, Any]] = {}
        self.busiest_minute = 0
        self._last_minute = deque[float]()
        self._free_at = 0.0
        self._number = 0
        self._random = Random(1)

    def utcnow(self) -> datetime:
        """The time of day."""
        return _at(self.now)

    def go_on(self, seconds: float) -> None:
        """Let time pass: jobs are created, started and finished."""
        if self.now % _HOUR < seconds:
            for _ in range(round(_JOBS_A_DAY * _HOUR / _DAY)):
                self._create()
        self.now += seconds
        for job in self.jobs.values():
            if self.now >= job["begin"]:
                is_over = self.now >= job["end"]
                job["status"] = job["outcome"] if is_over else "running"
                job["started_at"] = _at(job["begin"]).isoformat()
                job["completed_at"] = _at(job["end"]).isoformat() if is_over else None

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        """Answer a request."""
        del accept_503
        self._count()
        last = path.rsplit("/", 1)[-1]
        if path == "/health":
            return self._health()
        if path == "/api/jobs":
            return self._page(dict(params or {}))
        return {**_REPORT, "stats_id": last} if path.startswith("/api/stats") else self.jobs[last]

    def _count(self) -> None:
        self._last_minute.append(self.now)
        while self._last_minute[0] <= self.now - _MINUTE:
            self._last_minute.popleft()
        self.busiest_minute = max(self.busiest_minute, len(self._last_minute))

    def _health(self) -> dict[str, Any]:
        statuses = [job["status"] for job in self.jobs.values()]
        running, queued, failed = map(statuses.count, ("running", "queued", "failed"))
        counts = {"jobs_running": running, "jobs_queued": queued, "recent_errors": failed}
        return {"status": "healthy", "active_workers": running, **counts}

    def _page(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted, limit = params.get("status"), int(params.get("limit", 50))
        rows = [job for job in reversed(self.jobs.values()) if wanted in (None, job["status"])]
        return {"jobs": rows[:limit], "total": len(rows), "limit": limit, "offset": 0}

    def _create(self) -> None:
        number = self._number = self._number + 1
        begin = max(self._free_at, self.now) + 2
        self._free_at = begin + self._random.uniform(20, 120)
        is_failed = self._random.random() < 1 / 20
        job_id = f"{number:08x}-0000-4000-8000-{number:012x}"
        show = f"Harbour Lights/Season {number // 24 % 40:02}/Harbour Lights {number:06} [720p].mkv"
        self.jobs[job_id] = {
            "id": job_id,
            "job_type": "process",
            "status": "queued",
            "file_path": f"/srv/media/tv/{show}",
            "policy_name": "Simple HEVC Transcode",
            "priority": 100,
            "progress_percent": 0.0,
            "created_at": self.utcnow().isoformat(),
            "error_message": "ffmpeg exited with code 1" if is_failed else None,
            "summary_raw": {"stats_id": f"{number:08x}-1111-4111-8111-{number:012x}"},
            "begin": begin,
            "end": self._free_at,
            "outcome": "failed" if is_failed else "completed",
        }
        while len(self.jobs) > _LISTED:
            del self.jobs[next(iter(self.jobs))]


class _Watched:
    """The app's part: poller, tracker with a file, and watch."""

    def __init__(self, path: Path) -> None:
        self.vpo = _Vpo()
        utcnow = self.vpo.utcnow
        self.store = Store(path, utcnow=utcnow)
        self.tracker = JobTracker(
            self.store,
            "http://nas:8321",
            most_jobs=10_000,
            days=_DAYS,
            watch_interval=_INTERVAL,
            utcnow=utcnow,
        )
        self.poller = Poller(
            VpoClient(Server("NAS", "http://nas:8321"), http=self.vpo),
            Budget(100),
            now=lambda: self.vpo.now,
            start=lambda work: work(),
            patience=0.0,
            on_answer=self.tracker.ingest,
        )
        self._watch = ServerWatch(self.poller, self.tracker, _INTERVAL)

    def pass_time(self, seconds: float) -> None:
        """Watch for so long."""
        until = self.vpo.now + seconds
        while self.vpo.now < until:
            note_stalled(self.tracker, 300.0)
            self._watch.poll()
            self.vpo.go_on(_INTERVAL)

    def visit(self) -> None:
        """Request what a viewer's page would: missing details and reports."""
        for record in self.tracker.undetailed():
            if record.id in self.vpo.jobs:
                self.tracker.ingest(*self._answered(queries.job(record.id)))
        for record in self.tracker.without_result():
            self.tracker.ingest(*self._answered(queries.job_report(record.stats_id or "")))

    def _answered(self, query: queries.Query[Any]) -> tuple[Any, Any, float, float]:
        client = VpoClient(Server("NAS", "http://nas:8321"), http=self.vpo)
        return query, query.fetch(client), self.vpo.now, 0.0


def measure() -> list[Figure]:
    """Watch for a day, and for a month."""
    with tempfile.TemporaryDirectory() as folder:
        figures = _a_day(Path(folder) / "day")
        size = _a_month(Path(folder) / "month")
    return [*figures, _figure("history of 30 days of 1,000 jobs a day", size, 20.0)]


def _a_day(path: Path) -> list[Figure]:
    """The first two hours don't count: what is kept in memory comes to be then."""
    watched = _Watched(path)
    watched.pass_time(2 * _HOUR)
    memory = [_memory()]
    for _ in range(24):
        watched.pass_time(_HOUR)
        memory.append(_memory())
    spans, events = len(watched.tracker.spans()), len(watched.tracker.changes(100_000))
    watched.store.close()
    size = _size(path)
    print(f"24 hours: {spans} monitored period, {events} events; memory by hour in MB:")
    print("  " + " ".join(f"{one:.1f}" for one in memory), flush=True)
    requests = float(watched.vpo.busiest_minute)
    return [
        Figure("requests in the busiest minute, watch at 60 s", requests, None, "", 3.0, _COMMAND),
        _figure("growth of memory in 24 hours of watching", memory[-1] - memory[0], 2.0),
        _figure("history after 24 hours of watching", size, 20.0),
    ]


def _a_month(path: Path) -> float:
    watched = _Watched(path)
    for _ in range(_DAYS * 24):
        watched.pass_time(_HOUR)
        watched.visit()
    jobs, running = len(watched.tracker.records()), _size(path)
    watched.store.close()
    size = _size(path)
    print(f"30 days: {jobs:,} jobs in {size:.1f} MB, {running:.1f} MB with the log while it runs")
    return size


def _figure(what: str, megabytes: float, limit: float) -> Figure:
    return Figure(what, megabytes, None, "MB", limit, _COMMAND)


def _size(path: Path) -> float:
    files = (path, Path(f"{path}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) / 1e6


def _memory() -> float:
    """The process's memory in MB."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _at(seconds: float) -> datetime:
    return _BEGIN + timedelta(seconds=seconds)


if __name__ == "__main__":
    print(table(measure()))
