"""What the demo's jobs write into their logs while they run."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from vpo_monitor.demo.clock import utc_now
from vpo_monitor.demo.store import Store
from vpo_monitor.demo.worker import Worker


def test_the_log_of_a_running_job_grows_by_100_lines_every_few_seconds(tmp_path: Path) -> None:
    store = Store(tmp_path / "vpo.sqlite")
    worker, now = Worker(store, Random(1)), utc_now()
    job = store.add_job(job_type="transcode", priority=0)
    running, ended = [], 0
    for half_second in range(80):
        worker.step(now + timedelta(seconds=half_second / 2))
        detail = store.job(job)
        total = store.logs.read(job, limit=1, offset=0).total
        assert detail
        if detail["status"] == "running":
            assert detail["has_logs"]
            running.append(total)
        else:
            ended = ended or total
            assert total == ended
    growth = [later - earlier for earlier, later in pairwise(running)]
    bursts = [half_second for half_second, lines in enumerate(growth) if lines]
    assert running[0] == 0
    assert set(growth) == {0, 100}
    assert len(bursts) >= 2
    assert {later - earlier for earlier, later in pairwise(bursts)} == {8}
    assert ended > running[-1]
    last = store.logs.read(job, limit=5, offset=ended - 4).lines
    assert any("JOB END" in line for line in last)
    store.close()


def test_a_job_prints_some_warnings_and_rarely_an_error(tmp_path: Path) -> None:
    store = Store(tmp_path / "vpo.sqlite")
    worker, now = Worker(store, Random(2)), utc_now()
    for second in range(600):
        worker.step(now + timedelta(seconds=second))
    lines = [
        line
        for file in (tmp_path / "logs").iterdir()
        for line in file.read_text("utf-8").split("\n")
        if "frame=" in line or "\x1b" in line
    ]
    warnings = sum("\x1b[33mWARNING\x1b[0m" in line for line in lines)
    errors = sum("\x1b[31mERROR\x1b[0m" in line for line in lines)
    assert 1 / 200 < warnings / len(lines) < 1 / 40
    assert 0 < errors < warnings / 3
    store.close()
