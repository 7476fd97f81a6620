"""What 50 viewers cost who each follow a job of their own with its log: the busiest minute.

Run from the project's folder: `.venv/bin/python -m bench.jobs_with_logs`.
"""

import asyncio
import time

from bench.figures import Figure, table
from bench.request_counts import count_of_429, requests_in_busiest_minute
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs, logging
from bench.websocket_viewer import watch
from tests.vpo_server import VpoServer, start

_JOBS = 50
_SECONDS = 80.0
_BUDGET = 100.0
_COMMAND = "python -m bench.jobs_with_logs"


def measure() -> list[Figure]:
    """Requests in the busiest minute, and how many of them were refused."""
    with (
        start(seed=1, worker=False) as server,
        start(seed=1, worker=False) as other,
        started("app", VPO_MONITOR_API_URL=server.url) as app,
        started("baseline", VPO_MONITOR_API_URL=other.url) as baseline,
    ):
        told = asyncio.run(_watch_all((server, app), (other, baseline)))
    (requests, denied), (most, many) = told
    what = f"{_JOBS} viewers on {_JOBS} jobs with logs"
    return [
        Figure(f"requests in the busiest minute, {what}", requests, most, "", _BUDGET, _COMMAND),
        Figure(f"answers 429, {what}, in 80 s", denied, many, "", 0.0, _COMMAND),
    ]


async def _watch_all(*pairs: tuple[VpoServer, RunningApp]) -> list[tuple[int, int]]:
    return list(await asyncio.gather(*(_watch(server, app) for server, app in pairs)))


async def _watch(server: VpoServer, app: RunningApp) -> tuple[int, int]:
    jobs = add_sample_jobs(server, _JOBS, 0)
    end = time.monotonic() + _SECONDS

    page, name = ("job", "id") if app.page else ("", "job")
    async with logging(server, jobs):
        await asyncio.gather(*(watch(app.port, page, f"{name}={job}", until=end) for job in jobs))
    # Health is outside of VPO's limit, but of the app's budget a part all the same.
    return requests_in_busiest_minute(server.requests), count_of_429(server.requests)


if __name__ == "__main__":
    print(table(measure()))
