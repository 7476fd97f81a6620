"""What opening the list costs with 100, 10,000 and 1,000,000 jobs at the server.

Run from the project's folder: `.venv/bin/python -m bench.list_sizes`. The server tells so many jobs
and takes the same time for each answer, so that only the app's part differs.
"""

import asyncio
import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.figures import Figure, table
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs
from bench.websocket_viewer import watch
from tests.vpo_server import VpoServer, start

_ROWS = 100
_SIZES = (100, 10_000, 1_000_000)
_TIMES = 12
_FIRST_SECONDS, _SECONDS = 5.0, 1.2
_COMMAND = "python -m bench.list_sizes"
_A_JOB = b"Harbour Lights S02E"


def measure() -> list[Figure]:
    """How much more a million jobs take than a hundred: time and bytes, in percent."""
    told = {kind: _measure(kind) for kind in ("app", "baseline")}
    figures = []
    for place, what in enumerate(("time to the jobs", "bytes to the browser")):
        more = {
            kind: 100 * (each[_SIZES[-1]][place] / each[_SIZES[0]][place] - 1)
            for kind, each in told.items()
        }
        name = f"{what}: a list of 1,000,000 jobs against 100"
        figures.append(Figure(name, more["app"], more["baseline"], "% more", 10.0, _COMMAND))
    for size, (seconds, kilobytes) in told["app"].items():
        print(f"{size:,} jobs: {1000 * seconds:.0f} ms, {kilobytes:.1f} kB")
    return figures


def _measure(kind: str) -> dict[int, tuple[float, float]]:
    """The median of seconds and kB until the jobs have come, by the number that the server tells.

    Now and then a page has its jobs much sooner than otherwise, so the fewest seconds say nothing.
    """
    told: dict[int, list[tuple[float, float]]] = {size: [] for size in _SIZES}
    with (
        start(seed=1, worker=False, rate_limit=None, history=0) as server,
        started(kind, VPO_MONITOR_API_URL=server.url) as app,
    ):
        add_sample_jobs(server, _ROWS // 2, _ROWS // 2)
        answer = server.store.jobs
        _open(app, _FIRST_SECONDS)  # what a process does once
        for _ in range(_TIMES):  # in turns, so that what else the machine does is the same for all
            for size in _SIZES:
                _tell(server, answer, size)
                told[size].append(_open(app))
    medians = {}
    for size, times in told.items():
        seconds, kilobytes = zip(*times, strict=True)
        medians[size] = median(seconds), median(kilobytes)
    return medians


def _tell(server: VpoServer, answer: Callable[..., Any], size: int) -> None:
    def jobs(*which: Any, **page: Any) -> Any:
        return answer(*which, **page)[0], size

    server.store.jobs = jobs  # type: ignore[method-assign]


def _open(app: RunningApp, seconds: float = _SECONDS) -> tuple[float, float]:
    begun = time.monotonic()
    shown_at, size_then = float("inf"), 0

    def note_message(at: float, message: bytes) -> None:
        nonlocal shown_at
        if _A_JOB in message:
            shown_at = min(shown_at, at)

    def arrived(at: float, size: int) -> None:
        nonlocal size_then
        if at <= shown_at + _SECONDS / 2:
            size_then = size

    asyncio.run(
        watch(
            app.port, app.page, "", until=begun + seconds, on_message=note_message, arrived=arrived
        )
    )
    assert math.isfinite(shown_at)  # noqa: S101 - else it has not come at all
    return shown_at - begun, size_then / 1000


if __name__ == "__main__":
    print(table(measure()))
