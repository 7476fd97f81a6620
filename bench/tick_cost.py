"""What a tick costs: processor time in the app and bytes to the browser, 100 jobs on screen.

Run from the project's folder: `.venv/bin/python -m bench.tick_cost`. A viewer's tick is one
interval of 5 s: all that the app does for one viewer in that time. Bytes are counted on the network
as a browser gets them, packed where both sides agree on that.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figure, table
from bench.made_jobs import add_jobs, advancing
from bench.running_app import RunningApp, started
from bench.session import watch
from bench.viewer import Viewer
from vpo_monitor.demo import DemoServer, start

_ROWS = 100
_INTERVAL = 5.0
_SETTLE, _TICKS = 12.0, 4
VIEWERS = 50
"""How many share the cost of the poll."""
_COMMAND = "python -m bench.tick_cost"


def measure() -> list[Figure]:
    """Processor time with all rows changing, and bytes with none, one and all."""
    few = {0: (1.0, "nothing changed"), 1: (6.0, "one row of 100")}
    with ThreadPoolExecutor() as both:  # as bytes are not a matter of time
        costs = dict(zip(few, both.map(_costs, few), strict=True))
    costs[_ROWS] = _costs(_ROWS)
    (time_app, _), (time_baseline, _) = costs[_ROWS]
    what = "processor time per viewer and tick, all 100 rows changed"
    figures = [Figure(what, 1000 * time_app, 1000 * time_baseline, "ms", 12.0, _COMMAND)]
    for running, (limit, what) in {**few, _ROWS: (20.0, "all 100 rows")}.items():
        (_, size), (_, size_baseline) = costs[running]
        name = f"to the browser per tick, {what}"
        figures.append(Figure(name, size, size_baseline, "kB", limit, _COMMAND))
    return figures


def _costs(running: int) -> list[tuple[float, float]]:
    """Of the app and of the baseline: seconds of a processor, and kB, per viewer and tick."""
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
            return asyncio.run(_watch(server, jobs, viewers, app, baseline))


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
