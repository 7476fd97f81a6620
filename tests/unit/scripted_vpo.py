"""A VPO server without a network whose answers a test sets, and a poller for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import VpoError
from vpo_monitor.api.json_http import Params
from vpo_monitor.api.server import Server
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller

HEALTH = {"status": "healthy", "jobs_running": 1, "jobs_queued": 0}
NO_JOBS = {"jobs": [], "total": 0, "limit": 50, "offset": 0, "has_more": False}
GARBAGE = ["not", "a", "job"]
"""JSON, but not what VPO sends for a job."""


@dataclass(eq=False)
class ScriptedVpo:
    """Gives for each path what `answers` holds, and raises it if it is an error.

    `now` is the clock, in seconds; the test moves it. `requests` lists the time and path of each
    request.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[float, str]] = field(default_factory=list)
    now: float = 1000.0
    clock_ahead: float = 0.0

    def get(self, path: str, _params: Params | None = None, *, accept_503: bool = False) -> Any:
        self.requests.append((self.now, path))
        answer = self.answers[path]
        if isinstance(answer, VpoError):
            raise answer
        return answer

    def times(self, path: str) -> list[float]:
        """When a path was requested."""
        return [moment for moment, requested in self.requests if requested == path]

    def most_per_minute(self) -> int:
        """The most requests in any 60 seconds."""
        moments = [moment for moment, _path in self.requests]
        return max(sum(begin <= one < begin + 60 for one in moments) for begin in moments)

    def poller(self, **options: Any) -> Poller:
        """A poller with a budget of 100 a minute that fetches in the thread of its reader."""
        own: dict[str, Any] = {
            "now": lambda: self.now,
            "random": lambda: 0.5,
            "start": _run,
            "patience": 0.0,
        }
        client = VpoClient(Server("VPO", "http://127.0.0.1:1"), http=self)
        return Poller(client, Budget(100), **{**own, **options})


def job_path(job_id: str) -> str:
    """The path of a job's detail."""
    return f"/api/jobs/{job_id}"


def detail(job_id: str, status: str = "running", **fields: Any) -> dict[str, Any]:
    """A job's detail as VPO sends it."""
    return {
        "id": job_id,
        "job_type": "process",
        "status": status,
        "file_path": f"/srv/{job_id}.mkv",
        "created_at": "2026-11-24T10:00:00+00:00",
        **fields,
    }


def _run(work: Callable[[], None]) -> None:
    work()
