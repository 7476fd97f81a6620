"""What it takes to make a table of one answer with 100 jobs: parse, check, frame.

Run from the project's folder: `.venv/bin/python -m bench.parsing`. The baseline does what the
tutorial's page does: `json.loads` and `pandas.DataFrame`.
"""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd

from bench.figures import Figure, table
from bench.sample_jobs import add_sample_jobs
from tests.vpo_server import start
from vpo_monitor.analysis.frames import jobs_frame
from vpo_monitor.api.json_http import JsonHttp
from vpo_monitor.api.models import JobPage
from vpo_monitor.api.server import Server

_ROWS = 100
_COMMAND = "python -m bench.parsing"


def measure(times: int = 200) -> list[Figure]:
    """The median of so many."""
    with start(worker=False, history=0) as server:
        add_sample_jobs(server, _ROWS // 2, _ROWS // 2)
        answer = json.dumps(JsonHttp(Server("demo", server.url)).get("/api/jobs", {"limit": _ROWS}))
    now = datetime.now(UTC)

    def app() -> pd.DataFrame:
        return jobs_frame(JobPage.read(json.loads(answer)).rows, now)

    def baseline() -> pd.DataFrame:
        return pd.DataFrame(json.loads(answer)["jobs"])

    medians = _median(app, times), _median(baseline, times)
    return [Figure("parsing and framing 100 jobs", *medians, "ms", 2.0, _COMMAND)]


def _median(work: Callable[[], pd.DataFrame], times: int) -> float:
    """Milliseconds."""
    assert len(work()) == _ROWS  # noqa: S101 - a table that lacks jobs would be made fast
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - begun))
    return sorted(took)[times // 2]


if __name__ == "__main__":
    print(table(measure()))
