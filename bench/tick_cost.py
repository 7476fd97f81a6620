"""What a tick costs: processor time in the app and bytes to the browser, 100 jobs on screen.

Run from the project's folder: `.venv/bin/python -m bench.tick_cost`. A viewer's tick is one
interval of 5 s: all that the app does for one viewer in that time. Bytes are counted on the network
as a browser gets them, packed where both sides agree on that.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench.figures import Figure, table
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs, advancing
from bench.scripted_viewer import Viewer
from bench.websocket_viewer import watch
from tests.vpo_server import VpoServer, start

_ROWS = 100
_INTERVAL = 5.0
_SETTLE, _TICKS = 12.0, 4
_QUIET_AFTER = 240.0
"""Seconds until the results of all jobs on screen have been requested, one by one."""
VIEWERS = 50
"""How many share the cost of the poll."""
_COMMAND = "python -m bench.tick_cost"
_BYTES = "to the browser per tick"


def measure() -> list[Figure]:
    """Processor time with all rows changing, and the bytes of that.

    One after the other: where both cores are at work, each is slower.
    """
    told = {kind: _costs(_ROWS, kind)[kind] for kind in ("app", "baseline")}
    (time_app, size_app), (time_baseline, size_baseline) = told["app"], told["baseline"]
    what = "processor time per viewer and tick, all 100 rows changed"
    return [
        Figure(what, 1000 * time_app, 1000 * time_baseline, "ms", 12.0, _COMMAND),
        Figure(f"{_BYTES}, all 100 rows", size_app, size_baseline, "kB", 20.0, _COMMAND),
    ]


def measure_bytes() -> list[Figure]:
    """Bytes with no row changing and with one: side by side, as they are not a matter of time."""
    few = {0: (1.0, "nothing changed"), 1: (6.0, "one row of 100")}
    with ThreadPoolExecutor() as both:
        costs = both.map(lambda running: _costs(running, "app", "baseline"), few)
    return [
        Figure(f"{_BYTES}, {what}", told["app"][1], told["baseline"][1], "kB", limit, _COMMAND)
        for (limit, what), told in zip(few.values(), costs, strict=True)
    ]


def _costs(running: int, *kinds: str) -> dict[str, tuple[float, float]]:
    """Of each kind: seconds of a processor, and kB, per viewer and tick."""
    with start(seed=1, worker=False, rate_limit=None, history=0) as server, ExitStack() as stack:
        jobs = add_sample_jobs(server, running, _ROWS - running)[_ROWS - running :]
        if not running:  # else a quiet server would be asked less often
            server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
        apps = [
            stack.enter_context(started(kind, VPO_MONITOR_API_URL=server.url)) for kind in kinds
        ]
        for app in apps:
            with Viewer(app.port) as first:  # whose connection was there before the app's code
                first.open()
        viewers = VIEWERS if running == _ROWS else 1
        return dict(zip(kinds, asyncio.run(_watch(server, jobs, viewers, apps)), strict=True))


async def _watch(
    server: VpoServer, jobs: list[str], viewers: int, apps: Sequence[RunningApp]
) -> list[tuple[float, float]]:
    async with advancing(server, jobs):
        query = "" if jobs else "status=completed"
        return list(await asyncio.gather(*(watch_one(app, viewers, query) for app in apps)))


async def watch_one(app: RunningApp, viewers: int, query: str) -> tuple[float, float]:
    """Seconds of a processor, and kB, per viewer and tick."""
    begun = time.monotonic() + (_QUIET_AFTER if query else _SETTLE)
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
    print(table([*measure_bytes(), *measure()]))
