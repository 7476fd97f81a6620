"""What the app takes to start, and in memory: alone, and for each further viewer.

Run from the project's folder: `.venv/bin/python -m bench.start_cost`.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from bench.figures import Figure, table
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs
from bench.websocket_viewer import watch
from tests.vpo_server import start

_ROWS = 100
_MANY = 40
_OPENING = 8.0
_SECONDS = 8.0
_STARTS = 3
_COMMAND = "python -m bench.start_cost"


def measure() -> list[Figure]:
    """Seconds to the first answer, MB with one viewer, and MB a further viewer."""
    kinds = ("app", "baseline")
    with start(seed=1, worker=False, rate_limit=None, history=0) as server:
        add_sample_jobs(server, _ROWS, 0)
        start_app, start_base = (_seconds_to_start(kind, server.url) for kind in kinds)
        with ThreadPoolExecutor() as both:  # as memory is not a matter of time
            held = both.map(_megabytes_of, kinds, [server.url] * len(kinds))
            (one_app, more_app), (one_base, more_base) = held
    return [
        Figure("process start to first answer", start_app, start_base, "s", 2.5, _COMMAND),
        Figure("memory with one viewer", one_app, one_base, "MB", 175.0, _COMMAND),
        Figure("memory of a further viewer", more_app, more_base, "MB", 0.5, _COMMAND),
    ]


def _seconds_to_start(kind: str, url: str) -> float:
    """The median of some starts."""
    times = []
    for _ in range(_STARTS):
        begun = time.monotonic()
        with started(kind, VPO_MONITOR_API_URL=url):
            times.append(time.monotonic() - begun)
    return sorted(times)[_STARTS // 2]


def _megabytes_of(kind: str, url: str) -> tuple[float, float]:
    """MB with one viewer, and MB a further viewer."""
    with started(kind, VPO_MONITOR_API_URL=url) as app:
        one, many = (asyncio.run(_megabytes(app, viewers)) for viewers in (1, _MANY))
    return one, (many - one) / (_MANY - 1)


async def _megabytes(app: RunningApp, viewers: int) -> float:
    """What the app holds while so many look at it."""
    end = time.monotonic() + _OPENING + _SECONDS
    watching = [
        asyncio.create_task(watch(app.port, app.page, "", until=end)) for _ in range(viewers)
    ]
    await asyncio.sleep(_OPENING + _SECONDS - 1)
    megabytes = app.megabytes()
    await asyncio.gather(*watching)
    return megabytes


if __name__ == "__main__":
    print(table(measure()))
