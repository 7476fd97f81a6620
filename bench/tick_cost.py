"""What a tick costs: processor time in the app and bytes to the browser, 100 jobs on screen.

Run from the project's folder: `.venv/bin/python -m bench.tick_cost`. A viewer's tick is one
interval of 5 s: all that the app does for one viewer in that time. Bytes are counted on the network
as a browser gets them, packed where both sides agree on that.
"""

import asyncio
import time

from bench.figures import Figure, table
from bench.made_jobs import add_jobs, advancing
from bench.running_app import RunningApp, started
from bench.session import watch
from bench.viewer import Viewer
from vpo_monitor.demo import DemoServer, start

_ROWS = 100
_INTERVAL = 5.0
_SETTLE, _TICKS = 8.0, 5
VIEWERS = 50
"""How many share the cost of the poll."""
_COMMAND = "python -m bench.tick_cost"


def measure() -> list[Figure]:
    """Processor time with all rows changing, and bytes with none, one and all."""
    figures = []
    goals = {0: (1.0, "nothing changed"), 1: (6.0, "one row of 100"), _ROWS: (20.0, "all 100 rows")}
    for running, (limit, what) in goals.items():
        with start(seed=1, worker=False, rate_limit=None, history=0) as server:
            jobs = add_jobs(server, running, _ROWS - running)[_ROWS - running :]
            if not running:  # else a quiet server would be asked less often
                server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
            with (
                started("app", VPO_MONITOR_API_URL=server.url) as app,
                started("baseline", VPO_MONITOR_API_URL=server.url) as baseline,
            ):
                with Viewer(app.port) as first:  # whose connection was there before the app's code
                    first.open()
                viewers = VIEWERS if running == _ROWS else 1
                costs = asyncio.run(_watch(server, jobs, viewers, app, baseline))
        (app_time, app_size), (baseline_time, baseline_size) = costs
        if running == _ROWS:
            times = 1000 * app_time, 1000 * baseline_time
            what_of = "processor time per viewer and tick, all 100 rows changed"
            figures.append(Figure(what_of, *times, "ms", 12.0, _COMMAND))
        sizes = app_size, baseline_size
        figures.append(Figure(f"to the browser per tick, {what}", *sizes, "kB", limit, _COMMAND))
    return figures


async def _watch(
    server: DemoServer, jobs: list[str], viewers: int, *apps: RunningApp
) -> list[tuple[float, float]]:
    async with advancing(server, jobs):
        query = "" if jobs else "status=completed"
        return list(await asyncio.gather(*(watch_one(app, viewers, query) for app in apps)))


async def watch_one(app: RunningApp, viewers: int, query: str) -> tuple[float, float]:
    """Seconds of a processor, and kB, per viewer and tick."""
    begun = time.monotonic() + _SETTLE
    end = begun + _TICKS * _INTERVAL

    async def view(number: int) -> int:
        await asyncio.sleep(number * _INTERVAL / viewers)
        at_first = 0

        def heard(at: float, size: int) -> None:
            nonlocal at_first
            if at < begun:
                at_first = size

        traffic = await watch(app.port, app.page, query, until=end, arrived=heard)
        return traffic.received - at_first

    async def processor() -> float:
        await asyncio.sleep(begun - time.monotonic())
        before = app.processor_seconds()
        await asyncio.sleep(end - time.monotonic() - 0.1)
        return app.processor_seconds() - before

    using = asyncio.create_task(processor())
    total = sum(await asyncio.gather(*(view(number) for number in range(viewers))))
    return await using / viewers / _TICKS, total / viewers / _TICKS / 1000


if __name__ == "__main__":
    print(table(measure()))
