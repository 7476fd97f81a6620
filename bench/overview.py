"""What one drawing of the overview costs in computing: `python -m bench.overview`.

The server has 100 jobs that run or wait, and 30 days of history have been watched: 10,000 jobs with
their details, 1,000 changes and as many counts. Measured is everything between the poller's answers
and the views: reading, thinking, and what is to be told; no network, no drawing.
"""

import math
import sqlite3
import statistics
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from vpo_monitor.analysis.activity import activity, an_hour_ago
from vpo_monitor.analysis.connection import report
from vpo_monitor.analysis.notifications import NotificationMemory, due_notifications
from vpo_monitor.analysis.overview import read_overview
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.api import models
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.server import Server
from vpo_monitor.config import PollingConfig
from vpo_monitor.history.backfill import without_detail
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TYPES = ("process", "transcode", "scan", "move", "apply", "prune")
POLICIES = ("normalize", "archive 4K", "anime")
_TICKS = 200


class Client(VpoClient):
    """A client whose answers are made up; the jobs that run are `running`."""

    def __init__(self, running: int) -> None:
        super().__init__(Server("bench", "http://127.0.0.1:1"))
        random = Random(1)
        self.jobs_by_status = {
            status: [_job(random, f"{status} {number}", status) for number in range(count)]
            for status, count in (
                ("running", running),
                ("queued", 100 - running),
                ("completed", 100),
                ("failed", 20),
            )
        }

    def request(self, model: Any, path: str, params: Any = None, **_more: Any) -> Any:
        """What the route answers."""
        if path == "/api/jobs":
            rows = self.jobs_by_status[params["status"]]
            return models.JobPage(rows=tuple(rows), total=len(rows))
        if path.startswith("/api/jobs/"):
            job_id = path.rsplit("/", 1)[1].replace("%20", " ")
            status = job_id.split(" ", 1)[0]
            job = self.jobs_by_status[status][int(job_id.split(" ", 1)[1])]
            started = NOW - timedelta(minutes=20)
            return models.JobDetail(**vars(job), policy_name="normalize", started_at=started)
        if path == "/health":
            counts = {
                f"jobs_{name}": len(self.jobs_by_status[name]) for name in ("running", "queued")
            }
            return models.Health(status="healthy", active_workers=2, recent_errors=20, **counts)
        if path == "/api/stats/recent":
            files = [
                models.ProcessedFile(
                    policy_name=policy,
                    size_before=4 * 10**9,
                    duration_seconds=100.0 + number,
                    success=True,
                )
                for number, policy in enumerate(POLICIES * 33)
            ]
            return models.RecentFiles(rows=tuple(files))
        return model.model_construct()


def _job(random: Random, job_id: str, status: str) -> models.Job:
    created = NOW - timedelta(minutes=random.uniform(30, 90))
    is_over = status in models.TERMINAL_STATUSES
    return models.Job(
        id=job_id,
        job_type=random.choice(TYPES),
        status=status,
        file_path=f"/srv/media/{job_id}.mkv",
        progress_percent=74.75 if status == "running" else 0.0,
        created_at=created,
        completed_at=created + timedelta(minutes=20) if is_over else None,
    )


def history(client: Client) -> JobTracker:
    """Thirty days of it, and percents of the jobs that run now."""
    random, server = Random(2), "bench"
    past = [
        models.JobDetail(
            id=f"past {number}",
            job_type=random.choice(TYPES),
            status="completed",
            file_path=f"/srv/media/{number}.mkv",
            created_at=(created := NOW - timedelta(days=30) * (1 - number / 10_000)),
            started_at=created + timedelta(minutes=1),
            completed_at=created + timedelta(seconds=random.lognormvariate(6, 0.5)),
            policy_name=random.choice(POLICIES),
        )
        for number in range(10_000)
    ]
    tracker = JobTracker(Store(None), server, most_jobs=20_000, utcnow=lambda: NOW)
    for jobs in (past, client.jobs_by_status["running"]):
        tracker.ingest(queries.jobs(), models.JobPage(rows=tuple(jobs), total=len(jobs)), 0.0, 0.0)
    at = NOW.timestamp()
    rows: dict[str, list[tuple[Any, ...]]] = {
        "percents (server, at, job_id, percent)": [
            (server, at - 4 * (300 - step), job.id, step / 4)
            for job in client.jobs_by_status["running"]
            for step in range(300)
        ],
        "changes (server, at, kind, job_id, job_type, file_path)": [
            (server, at - 60 * number, "finished", f"past {number}", "move", "/srv")
            for number in range(1000, 0, -1)
        ],
        "counts (server, at, running, queued, failed, workers)": [
            (server, at - 60 * number, number % 3, 9, 2, 2) for number in range(1000, 0, -1)
        ],
        "watched (server, at, until)": [
            (server, at - 86400 * number - 9 * 3600, at - 86400 * number)
            for number in range(30, 0, -1)
        ],
    }

    def add(database: sqlite3.Connection) -> None:
        for into, values in rows.items():
            places = ", ".join("?" * len(values[0]))
            database.executemany(f"INSERT INTO {into} VALUES ({places})", values)  # noqa: S608

    tracker.store.write(add)
    return tracker


def milliseconds(running: int) -> list[float]:
    """How long each of many drawings took, with so many jobs running."""
    client = Client(running)
    return drawing(history(client), client, _TICKS)


def drawing(tracker: JobTracker, client: Client, ticks: int) -> list[float]:
    """How long each of so many drawings took, in milliseconds."""
    clock = [0.0]
    poller = Poller(
        client,
        Budget(120),
        now=lambda: clock[0],
        start=lambda work: work(),
        patience=0.0,
        on_answer=tracker.ingest,
    )
    reading, telling = ReaderMemory(), NotificationMemory()
    took = []
    for _tick in range(ticks):
        clock[0] += 5.0
        begin = time.perf_counter()
        reader = Reader(poller, PollingConfig(), reading, utcnow=lambda: NOW)
        read_overview(reader, tracker, 300.0)
        activity(tracker.changes(14), tracker.spans(), 14)
        an_hour_ago(tracker.counts(), NOW, tracker.counts_good_for)
        due_notifications(telling, tracker, reader.health.data, NOW)
        without_detail(tracker)
        report(reader.snapshots, reader.health, clock[0], polling=True)
        reader.revision(tuple(reader.reads))
        took.append(1000 * (time.perf_counter() - begin))
    return took


def main() -> None:
    """Print a table."""
    print("| running | median ms | p95 ms | worst ms |\n|---|---|---|---|")
    for running in (2, 10, 50):
        took = sorted(milliseconds(running))
        p95 = took[math.ceil(0.95 * len(took)) - 1]
        print(f"| {running} | {statistics.median(took):.1f} | {p95:.1f} | {took[-1]:.1f} |")


if __name__ == "__main__":
    main()
