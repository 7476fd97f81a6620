"""A VPO server without a network that nobody looks at, and what is known of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.scripted_vpo import NO_JOBS, ScriptedVpo, detail
from vpo_monitor.api.errors import NotFound, VpoError
from vpo_monitor.api.json_http import Params
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Kind
from vpo_monitor.history.store import Store
from vpo_monitor.history.watcher import ServerWatch

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


class _Vpo(ScriptedVpo):
    """Answers from the jobs of its world.

    `health_answers` even while everything else fails, as with a locked database.
    """

    health_answers = False

    def __init__(self, world: "World") -> None:
        super().__init__(now=0.0)
        self._world = world

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        return self._world.answer(path, params)


class World:
    """A server that is watched with nobody looking, while the test moves the clock."""

    def __init__(self, interval: float = 60.0) -> None:
        self.interval = interval
        self.jobs: dict[str, dict[str, Any]] = {}
        self.vpo = _Vpo(self)
        self._store = Store(None, utcnow=self.utcnow)
        self.tracker = self.new_tracker()
        self.poller = self.vpo.poller(on_answer=self.tracker.ingest)
        self.watch = ServerWatch(self.poller, self.tracker, interval)
        self.failure: VpoError | None = None
        self.workers: int | None = None  # as many as jobs run

    def new_tracker(self) -> JobTracker:
        """A tracker of the same history, as after a restart."""
        return JobTracker(
            self._store,
            "http://x",
            most_jobs=10_000,
            watch_interval=self.interval,
            utcnow=self.utcnow,
        )

    def utcnow(self) -> datetime:
        return START + timedelta(seconds=self.vpo.now)

    def put(self, job_id: str, status: str, **fields: Any) -> None:
        """Create or change a job on the server."""
        created = {"created_at": self.utcnow().isoformat()}
        self.jobs[job_id] = created | self.jobs.get(job_id, detail(job_id)) | {"status": status}
        self.jobs[job_id] |= fields

    def finish(self, job_id: str, status: str = "completed") -> None:
        self.put(job_id, status, completed_at=self.utcnow().isoformat())

    def poll(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            self.watch.poll()
            self.vpo.now += self.interval

    def kinds(self) -> list[tuple[Kind, str]]:
        return [(change.kind, change.job_id) for change in reversed(self.tracker.changes(100))]

    def answer(self, path: str, params: Params | None) -> Any:
        self.vpo.requests.append((self.vpo.now, path))
        if self.failure is not None and not (self.vpo.health_answers and path == "/health"):
            raise self.failure
        if path == "/health":
            return {"status": "healthy", **self._counts()}
        if path == "/api/jobs":
            wanted = (params or {}).get("status")
            rows = [job for job in self.jobs.values() if wanted in (None, job["status"])]
            return NO_JOBS | {"jobs": rows[::-1], "total": len(rows)}
        if path.startswith("/api/stats"):
            return []
        job = self.jobs.get(path.rsplit("/", 1)[-1])
        if job is None:
            raise NotFound("VPO has no such resource.")
        return job

    def _counts(self) -> dict[str, int]:
        statuses = [job["status"] for job in self.jobs.values()]
        running, queued, failed = map(statuses.count, ("running", "queued", "failed"))
        return {
            "jobs_running": running,
            "jobs_queued": queued,
            "recent_errors": failed,
            "active_workers": running if self.workers is None else self.workers,
        }
