"""The simulated jobs: what is there at the start, and how it goes on."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from vpo_monitor.demo.job_logs import log_lines
from vpo_monitor.demo.simulation import JOB_TYPES, Simulation
from vpo_monitor.demo.store import Store

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def simulated(seed: int = 1) -> tuple[Store, Simulation]:
    random = Random(seed)
    store = Store(random)
    simulation = Simulation(store, random)
    simulation.add_history(200, NOW)
    simulation.start_workers(NOW)
    simulation.step(NOW)
    return store, simulation


def details(store: Store, **which: Any) -> list[dict[str, Any]]:
    found = [store.job(job["id"]) for job in store.jobs(limit=5000, **which)[0]]
    return [job for job in found if job]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_history_has_every_type_and_status_over_weeks() -> None:
    jobs = details(simulated()[0])
    assert {job["job_type"] for job in jobs} == set(JOB_TYPES)
    statuses = {"completed", "failed", "cancelled", "running", "queued"}
    assert {job["status"] for job in jobs} == statuses
    assert at(jobs[-1]["created_at"]) < NOW - timedelta(weeks=3)
    assert all(at(job["completed_at"]) <= NOW for job in jobs if job["completed_at"])


def test_the_same_seed_gives_the_same_jobs() -> None:
    stores = [simulated(seed)[0] for seed in (1, 1, 2)]
    first, again, other = (details(store) for store in stores)
    assert first == again
    assert stores[0].stats_recent(100, None) == stores[1].stats_recent(100, None)
    assert first[0]["id"] != other[0]["id"]


@pytest.mark.parametrize("seed", range(5))
def test_jobs_are_half_done_at_the_start_and_similar_files_were_processed(seed: int) -> None:
    store, _ = simulated(seed)
    running = details(store, status="running")
    assert {job["job_type"] for job in running} == {"transcode", "process"}
    assert all(at(job["started_at"]) < NOW - timedelta(seconds=3) for job in running)
    assert {job["progress_percent"] for job in running} == {0.0, 35.0}
    assert store.count("queued") >= 3
    recent = store.stats_recent(100, None)
    for job in running:
        alike = [
            one for one in recent if one["success"] and one["policy_name"] == job["policy_name"]
        ]
        assert len(alike) >= 3
        (file,), _ = store.files(
            search=job["file_path"].rsplit("/", 1)[1], status=None, limit=1, offset=0
        )
        assert file["path"] == job["file_path"]


def test_the_run_time_is_nearly_proportional_to_the_size() -> None:
    recent = simulated()[0].stats_recent(100, None)
    paces = [one["duration_seconds"] / one["size_before"] for one in recent]
    assert max(paces) < 1.25 * min(paces)


def test_the_workers_take_queued_jobs_and_finish_them() -> None:
    store, simulation = simulated()
    job_id = store.add_job(job_type="transcode", priority=0, has_log=True)
    seen = []
    for second in range(400):
        simulation.step(NOW + timedelta(seconds=second))
        job = store.job(job_id)
        assert job is not None
        seen.append((job["status"], job["progress_percent"]))
    assert seen[0] == ("queued", 0.0)
    assert any(status == "running" and 0 < percent < 100 for status, percent in seen)
    assert seen[-1][0] in ("completed", "failed")
    assert store.count("running") == 2
    assert 3 <= store.count("queued") <= 9


def test_it_keeps_a_thousand_finished_jobs() -> None:
    store, simulation = simulated()
    simulation.add_history(1000, NOW)
    simulation.step(NOW + timedelta(hours=1))
    assert store.jobs()[1] <= 1000 + 2 + 9
    assert len(store.stats_recent(5000, None)) <= 1000


def running_job(**fields: Any) -> dict[str, Any]:
    job = {"id": "x", "job_type": "transcode", "file_path": "/a.mkv", "policy_name": "p"}
    more = {"started_at": NOW.isoformat(), "completed_at": None, "error_message": None}
    return job | more | {"status": "running"} | fields


def test_the_log_of_a_running_job_grows_by_100_lines_every_few_seconds() -> None:
    totals = [
        len(log_lines(running_job(), NOW + timedelta(seconds=half / 2))) for half in range(80)
    ]
    assert totals[0] == 0
    assert {later - earlier for earlier, later in pairwise(totals)} == {0, 100}
    assert totals[-1] == 700


@pytest.mark.parametrize("job_type", ["transcode", "process", "move"])
@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_the_log_of_a_finished_job_is_complete(job_type: str, status: str) -> None:
    ended = (NOW + timedelta(seconds=60)).isoformat()
    error = "no space\nleft" if status == "failed" else None
    job = running_job(job_type=job_type, status=status, completed_at=ended, error_message=error)
    lines = log_lines(job, NOW + timedelta(hours=1))
    assert lines == log_lines(job, NOW + timedelta(days=1))
    assert ("left" in lines) == (status == "failed")
    assert any("JOB END" in line for line in lines) == (job_type != "process")
    assert any("Phase compress: OK" in line for line in lines) == (
        job_type == "process" and status == "completed"
    )


def test_a_transcode_prints_some_warnings_and_rarely_an_error() -> None:
    lines = log_lines(running_job(), NOW + timedelta(minutes=10))
    warnings = sum("WARNING" in line for line in lines)
    assert 1 / 200 < warnings / len(lines) < 1 / 40
    assert 0 < sum("ERROR" in line for line in lines) < warnings / 3
