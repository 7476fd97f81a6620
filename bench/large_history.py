"""What a full history costs, at 100,000 jobs: `python -m bench.large_history`.

Measured are the time until the store is open and both pages' computing over it, without network
and drawing: the overview of 10 running jobs, and the queue, queue times, run times and failure
reasons of 30 days.
"""

import gc
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.figures import Figure, table
from bench.overview import NOW, POLICIES, TYPES, Client, drawing
from vpo_monitor.analysis.charts.failure_reasons import reasons
from vpo_monitor.analysis.charts.queue_over_time import queue_over_time
from vpo_monitor.analysis.charts.run_times import run_times
from vpo_monitor.analysis.charts.statistics_frames import (
    queue_table,
    reasons_table,
    run_time_jobs_table,
    run_times_table,
)
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store

_COMMAND = "python -m bench.large_history"
_SERVER = "http://bench"
_JOBS = 100_000
_DAYS = 30
_COUNTS = 3 * _JOBS
"""Counts change when a job is created, started and finished."""
_ERRORS = (
    "{path}: No space left on device ({number} MB needed)",
    "ffmpeg exited with code 1: Invalid data found when processing input '{path}'",
    "Timed out after {number} s",
    "No permission to write {path}.tmp",
)
_LIMITS = {"startup": 1000.0, "overview": 20.0, "statistics": 100.0, "memory": 30.0}


def measure() -> list[Figure]:
    """Each in a process of its own, so that none finds what another has left in memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.sqlite3"
        _fill(path)
        told = {}
        for _run in range(2):  # the first one may find the file on the disk only
            command = [sys.executable, "-m", "bench.large_history", str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told = json.loads(done.stdout)
    return [
        Figure(
            f"{name} with {_JOBS:,} stored jobs",
            told[name],
            None,
            "MB" if name == "memory" else "ms",
            limit,
            _COMMAND,
        )
        for name, limit in _LIMITS.items()
    ]


def _fill(path: Path) -> None:
    random, now = Random(1), NOW.timestamp()
    jobs = []
    for number in range(_JOBS):
        created = now - _DAYS * 86400 * (1 - number / _JOBS)
        started, seconds = created + random.lognormvariate(5, 1), random.lognormvariate(5, 0.5)
        file = f"/srv/media/tv/Harbour Lights/Harbour Lights S02E{number:06} [720p].mkv"
        is_failed = number % 20 == 0
        error = _ERRORS[number // 20 % 4].format(path=file, number=number) if is_failed else None
        jobs.append(
            (
                *(_SERVER, min(started + seconds, now), f"00000000-0000-4000-8000-{number:012}"),
                *(random.choice(TYPES), "failed" if is_failed else "completed", file, 100.0),
                *(created, started, started + seconds, random.choice(POLICIES), 100, error),
                *(10**9, 1),
            )
        )
    rows: dict[str, list[tuple[Any, ...]]] = {
        "jobs (server, seen_at, id, job_type, status, file_path, progress_percent, created_at,"
        " started_at, completed_at, policy_name, priority, error, size_bytes, has_detail)": jobs,
        "percents (server, at, job_id, percent)": [
            (_SERVER, now - 4 * (300 - step), job.id, step / 4)
            for job in Client(10).jobs_by_status["running"]
            for step in range(300)
        ],
        "changes (server, at, kind, job_id, job_type, file_path)": [
            (_SERVER, now - 60 * number, "finished", jobs[-number][2], "move", "/srv/a.mkv")
            for number in range(1000, 0, -1)
        ],
        "counts (server, at, running, queued, failed, workers)": [
            (_SERVER, now - number * _DAYS * 86400 / _COUNTS, number % 3 // 2, number % 4, 2, 2)
            for number in range(_COUNTS, 0, -1)
        ],
        "watched (server, at, until)": [
            (_SERVER, now - 86400 * number - 9 * 3600, now - 86400 * number)
            for number in range(_DAYS, 0, -1)
        ],
    }
    Store(path).close()
    with closing(sqlite3.connect(path)) as database, database:
        for into, values in rows.items():
            places = ", ".join("?" * len(values[0]))
            database.executemany(f"INSERT INTO {into} VALUES ({places})", values)  # noqa: S608


def _measure(path: Path) -> dict[str, float]:
    before = _megabytes()
    began = time.perf_counter()
    tracker = JobTracker(
        Store(path, utcnow=lambda: NOW),
        _SERVER,
        most_jobs=_JOBS,
        days=_DAYS + 1,
        utcnow=lambda: NOW,
    )
    told = {"startup": 1000 * (time.perf_counter() - began)}
    told["overview"] = statistics.median(drawing(tracker, Client(10), 40))
    told["statistics"] = _milliseconds(lambda: _statistics(tracker))
    gc.collect()
    told["memory"] = _megabytes() - before
    tracker.store.close()
    return told


def _statistics(tracker: JobTracker) -> None:
    since = NOW - timedelta(days=_DAYS)
    queue_table(queue_over_time(tracker, timedelta(days=_DAYS), NOW).slots)
    tracker.count_finished(since)
    tracker.queue_times(since)
    types = run_times(tracker, since)
    run_times_table(types)
    run_time_jobs_table([job for one in types for job in one.unusual])
    reasons_table(reasons(tracker.failed(since)))


def _milliseconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def _megabytes() -> float:
    """The process's memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(_measure(Path(sys.argv[1]))))
    else:
        print(table(measure()))
