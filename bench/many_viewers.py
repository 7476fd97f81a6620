"""What many viewers of one view cost: requests at the server, and how long each waits.

Run from the project's folder: `.venv/bin/python -m bench.many_viewers`. All watch 100 jobs that run
and change, every 5 s. A viewer's wait is the time from a request of the browser until the app has
done all that it causes.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context

from bench.figures import Figure, table
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs, advancing
from bench.websocket_viewer import Traffic, watch
from tests.vpo_server import VpoServer, start

_ROWS = 100
_INTERVAL = 5.0
_MINUTE = 60.0
_START_SECONDS = 2.0
_COMING = 0.05
_FEW, _FEW_SECONDS = (1, 10, 50), 25.0
_STEPS = {"app": (200, 300), "baseline": (10, 20)}
_STEP_SECONDS = {"app": (15.0, 25.0), "baseline": (10.0, 10.0)}
_MOST_WAIT = 0.3
_COMMAND = "python -m bench.many_viewers"


def measure() -> list[Figure]:
    """Requests a minute of 1 to 200 viewers, and how many an app can have."""
    figures = [
        Figure(f"requests for the list a minute, {viewers} viewers", *rates, "", 13.0, _COMMAND)
        for viewers, rates in zip(_FEW, _requests_of_few(), strict=True)
    ]
    ramps = {kind: _ramp(kind) for kind in _STEPS}
    rate, _waits = ramps["app"][0]
    what = f"requests for the list a minute, {_STEPS['app'][0]} viewers"
    figures.append(Figure(what, rate, None, "", 13.0, _COMMAND))
    most, most_baseline = (_most_viewers(kind, ramp) for kind, ramp in ramps.items())
    what = "viewers before the slowest 5 % of ticks take over 300 ms"
    return [*figures, Figure(what, most, most_baseline, "", 200.0, _COMMAND, is_least=True)]


def _most_viewers(kind: str, ramp: Sequence[tuple[float, float]]) -> int:
    """So many had no longer wait than is promised; a ramp ends where it is longer."""
    waits = zip(_STEPS[kind], ramp, strict=False)
    return max((viewers for viewers, (_, wait) in waits if wait <= _MOST_WAIT), default=0)


def _requests_of_few() -> list[tuple[float, float]]:
    """Requests for the list a minute by so many viewers of the app, and of the baseline."""
    with ExitStack() as stack:
        running = []
        for viewers in _FEW:
            for kind in _STEPS:
                server = stack.enter_context(
                    start(seed=1, worker=False, rate_limit=None, history=0)
                )
                add_sample_jobs(server, _ROWS, 0)
                app = stack.enter_context(started(kind, VPO_MONITOR_API_URL=server.url))
                running.append((server, app, viewers))
        rates = asyncio.run(_rates_of_all(running))
    return list(zip(rates[::2], rates[1::2], strict=True))


async def _rates_of_all(running: Sequence[tuple[VpoServer, RunningApp, int]]) -> list[float]:
    watching = (_watch(server, app, viewers, _FEW_SECONDS) for server, app, viewers in running)
    return [rate for rate, _wait in await asyncio.gather(*watching)]


def _ramp(kind: str) -> list[tuple[float, float]]:
    """Requests a minute and the wait of the slowest 5 %, of more and more viewers."""
    told = []
    for viewers, seconds in zip(_STEPS[kind], _STEP_SECONDS[kind], strict=True):
        with (
            start(seed=1, worker=False, rate_limit=None, history=0) as server,
            started(kind, VPO_MONITOR_API_URL=server.url) as app,
        ):
            jobs = add_sample_jobs(server, _ROWS, 0)
            told.append(asyncio.run(_watch_changes(server, jobs, app, viewers, seconds)))
        rate, wait = told[-1]
        print(f"{kind}, {viewers} viewers: {rate:.1f} a minute, p95 {1000 * wait:.0f} ms")
        if wait > _MOST_WAIT:
            break
    return told


async def _watch_changes(
    server: VpoServer, jobs: Sequence[str], app: RunningApp, viewers: int, seconds: float
) -> tuple[float, float]:
    async with advancing(server, jobs):
        return await _watch(server, app, viewers, seconds)


async def _watch(
    server: VpoServer, app: RunningApp, viewers: int, seconds: float
) -> tuple[float, float]:
    """Requests for the list a minute, and the wait of the slowest 5 % of ticks."""
    begun, wait = await waits_of(app, viewers, seconds)
    end = begun + seconds
    asked = sum(begun <= r.at < end and r.path == "/api/jobs" for r in server.requests)
    return asked * _MINUTE / seconds, wait


async def waits_of(app: RunningApp, viewers: int, seconds: float) -> tuple[float, float]:
    """When all had come, by `time.monotonic()`, and the wait of the slowest 5 % of ticks from then.

    They have a process of their own: in that of the demo server they would wait for each other.
    """
    begun = time.monotonic() + _START_SECONDS + viewers * _COMING + 2 * _INTERVAL
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        waits = await asyncio.get_running_loop().run_in_executor(
            elsewhere, _waits, app.port, app.page, viewers, begun, begun + seconds
        )
    return begun, waits[int(len(waits) * 0.95)] if waits else float("inf")


def _waits(port: int, page: str, viewers: int, begun: float, end: float) -> list[float]:
    """The waits of so many viewers between two moments of `time.monotonic()`, shortest first."""
    waits: list[float] = []

    async def view(number: int) -> None:
        await asyncio.sleep(number * _COMING)  # one after the other, as people do
        traffic: Traffic = await watch(port, page, "", until=end)
        waits.extend(wait for at, wait in traffic.waits if at >= begun)

    async def view_all() -> None:
        await asyncio.gather(*(view(number) for number in range(viewers)))

    asyncio.run(view_all())
    return sorted(waits)


if __name__ == "__main__":
    print(table(measure()))
