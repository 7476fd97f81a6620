"""Measure everything that was promised, beside the baseline, and write one table.

Run as `make bench`: `python -m bench CHROMIUM`. The figures go to `figures.json` and `figures.md`
beside this file. With names of modules after it, such as `logs`, those alone are measured, and the
other figures are kept. The exit status is 1 where a goal was missed.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import (
    browser_times,
    freshness,
    jobs_with_logs,
    large_history,
    list_sizes,
    logs,
    many_viewers,
    parsing,
    shown_again,
    slow_server,
    start_cost,
    tick_cost,
)
from bench.figures import Figure, table, update, write

_FOLDER = Path(__file__).parent
_COUNTED = ("jobs_with_logs", "logs", "bytes")
"""Of these requests and bytes are counted, so that they may run side by side."""


def main() -> int:
    """Measure, print and write."""
    chromium, *names = sys.argv[1:]
    measures: dict[str, Callable[[], list[Figure]]] = {
        "jobs_with_logs": jobs_with_logs.measure,
        "logs": logs.measure,
        "bytes": tick_cost.measure_bytes,
        "many_viewers": many_viewers.measure,
        "freshness": freshness.measure,
        "tick_cost": tick_cost.measure,
        "browser_times": lambda: browser_times.measure(chromium),
        "shown_again": lambda: shown_again.measure(chromium),
        "slow_server": lambda: slow_server.measure(chromium),
        "start_cost": start_cost.measure,
        "list_sizes": list_sizes.measure,
        "large_history": large_history.measure,
        "parsing": parsing.measure,
    }
    begun = time.monotonic()
    wanted = names or list(measures)
    counted = [name for name in wanted if name in _COUNTED]
    figures = list[Figure]()
    with ThreadPoolExecutor() as beside:
        for measured in beside.map(lambda name: _timed(name, measures[name]), counted):
            figures += measured
            update(figures, _FOLDER)  # now, as a later one may fail
    for name in wanted:
        if name not in counted:
            figures += _timed(name, measures[name])
            update(figures, _FOLDER)
    if not names:
        write(figures, _FOLDER)  # without figures that are no longer measured
    print(table(figures))
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    return int(not all(figure.is_reached for figure in figures))


def _timed(name: str, measure: Callable[[], list[Figure]]) -> list[Figure]:
    begun = time.monotonic()
    figures = measure()
    print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
