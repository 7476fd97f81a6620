"""The Statistics page over a history as full as it may be by default."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer
from vpo_monitor.api.models import JobDetail, JobPage
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

Open = Callable[..., AppTest]
ERRORS = (
    "{path}: No space left on device ({number} MB needed)",
    "ffmpeg exited with code 1: Invalid data found when processing input '{path}'",
    "Timed out after {number} s",
    "No permission to write {path}.tmp",
)


def detail(number: int) -> JobDetail:
    """A finished job; every fifth one failed, for one of four reasons."""
    ended = datetime.now(UTC) - timedelta(minutes=number)
    path = f"/srv/media/Movie {number} (2019).mkv"
    error = ERRORS[number // 5 % len(ERRORS)].format(path=path, number=number)
    return JobDetail(
        id=f"job-{number}",
        job_type="transcode" if number % 2 else "process",
        status="completed" if number % 5 else "failed",
        file_path=path,
        created_at=ended - timedelta(minutes=9),
        started_at=ended - timedelta(minutes=1 + number % 7),
        completed_at=ended,
        error_message=None if number % 5 else error,
    )


@pytest.fixture
def keep_jobs(
    server: VpoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[int], None]:
    """Puts so many jobs into the history of an app that is started next."""

    def keep(jobs: int) -> None:
        path = tmp_path / f"{jobs}.sqlite3"
        store = Store(path)
        tracker = JobTracker(store, server.url, most_jobs=jobs)
        ended = tuple(detail(number) for number in range(jobs))
        tracker.ingest(queries.jobs(), JobPage(rows=ended, total=jobs), 0.0, 0.0)
        store.close()
        monkeypatch.setenv("VPO_MONITOR_HISTORY", str(path))

    return keep


def test_ten_thousand_jobs_are_all_counted(
    keep_jobs: Callable[[int], None], open_app: Open
) -> None:
    keep_jobs(10_000)
    app = open_app("statistics")
    assert not app.exception
    said = [caption.value for caption in app.caption]
    assert any(
        text.startswith("Based on all known completed jobs in this period (8,000)") for text in said
    )
    assert any(
        text.startswith("Based on all known failed jobs in this period (2,000)") for text in said
    )
    reasons = app.dataframe[-1].value
    assert reasons["Jobs"].tolist() == [500] * 4
    assert "…: No space left on device (… needed)" in reasons["Reason"].tolist()


@pytest.mark.long
def test_further_viewers_cost_little_more_than_with_a_hundred_jobs(
    keep_jobs: Callable[[int], None], open_app: Open
) -> None:
    """What is worked out of the jobs is shared: the reasons alone took 0.5 s for each viewer."""
    costs = {}
    for jobs in (100, 10_000):
        keep_jobs(jobs)
        open_app("statistics")
        costs[jobs] = min(processor_time(open_app) for _viewer in range(3))
    assert costs[10_000] < costs[100] + 0.25


def processor_time(open_app: Open) -> float:
    began = time.process_time()
    assert not open_app("statistics").exception
    return time.process_time() - began
