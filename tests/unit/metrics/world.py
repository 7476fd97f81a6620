"""A server whose answers the test makes up, and what a scrape tells of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import NotFound
from vpo_monitor.api.models import Health, JobDetail
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.metrics.collector import VpoCollector
from vpo_monitor.metrics.sources import Sources, Target
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller

HEALTH = Health(status="healthy", jobs_queued=3, jobs_running=2, recent_errors=1, active_workers=4)


class FakeClient(VpoClient):
    """Answers without a network; `answers` says with what, or with which error."""

    def __init__(self) -> None:
        super().__init__(Server("test", "http://127.0.0.1:1"))
        self.answers: dict[str, Any] = {"/health": HEALTH}
        self.asked: list[str] = []

    def request(self, model: Any, path: str, *_args: Any, **_options: Any) -> Any:
        self.asked.append(path)
        answer = self.answers[path] if path in self.answers else model()
        if isinstance(answer, Exception):
            raise answer
        return answer


class World:
    """One clock for all; the poller fetches at once, in the reader's own thread."""

    def __init__(self) -> None:
        self.clock = 1000.0
        self.began = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.client = FakeClient()
        self.viewers: int | None = 2
        self.polling = PollingConfig()
        self.tracker = JobTracker(
            Store(None),
            "test",
            most_jobs=1000,
            utcnow=self.utcnow,
        )
        self.poller = Poller(
            self.client,
            Budget(100),
            now=lambda: self.clock,
            random=lambda: 0.5,
            start=lambda work: work(),
            patience=0.0,
            on_answer=self.tracker.ingest,
        )
        self.targets: tuple[Target, ...] = ()
        self.look()
        self.collector = VpoCollector(
            Sources(lambda: self.targets, lambda: self.viewers), now=lambda: self.clock
        )
        self.registry = CollectorRegistry()
        self.registry.register(self.collector)

    def utcnow(self) -> datetime:
        return self.began + timedelta(seconds=self.clock - 1000.0)

    def look(self, **polling: Any) -> None:
        """Watch the server, with this polling in force."""
        self.polling = PollingConfig(**polling)
        self.targets = (Target("test", self.poller, self.tracker, self.polling),)

    def ended(self, job_id: str, seconds: float, *, ago: float = 0.0, **fields: Any) -> None:
        """Have a viewer look at a job that ran so long and ended then."""
        end = self.utcnow() - timedelta(seconds=ago)
        known = {"job_type": "transcode", "status": "completed", "file_path": "/srv/a.mkv"}
        self.client.answers[f"/api/jobs/{job_id}"] = JobDetail(
            id=job_id,
            **(known | fields),
            created_at=end - timedelta(seconds=seconds + 60),
            started_at=end - timedelta(seconds=seconds),
            completed_at=end,
        )
        self.poller.read(queries.job(job_id), 5.0, newer_than=self.clock)

    def forget(self, job_id: str) -> None:
        """Have a viewer look at a job that VPO no longer has."""
        self.client.answers[f"/api/jobs/{job_id}"] = NotFound("gone")
        self.poller.read(queries.job(job_id), 5.0, newer_than=self.clock)

    def text(self) -> str:
        """What a scrape tells."""
        return generate_latest(self.registry).decode()

    def samples(self, text: str | None = None) -> dict[tuple[str, tuple[str, ...]], float]:
        """Each sample by its name and the values of its labels, in the order of their names."""
        return {
            (sample.name, _values(sample.labels)): sample.value
            for family in families(self.text() if text is None else text)
            for sample in family.samples
        }

    def value(self, name: str, *labels: str) -> float | None:
        """One sample; None where there is none."""
        return self.samples().get((name, labels))


def _values(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(value for _name, value in sorted(labels.items()))


def families(text: str) -> list[Metric]:
    """The metrics of a text, as Prometheus reads it."""
    return list(text_string_to_metric_families(text))


def everything() -> World:
    """A world in which each metric is known."""
    world = World()
    world.text()
    world.ended("a", 100.0)
    return world
