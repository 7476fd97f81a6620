"""Measure everything that was promised, beside the baseline, and write one table.

Run as `make bench`: `python -m bench CHROMIUM`. The figures go to `figures.json` and `figures.md`
beside this file. With names of modules after it, such as `logs`, those alone are measured, and
nothing is written. The exit status is 1 where a goal was missed.
"""

import sys
import time
from pathlib import Path

from bench import (
    browser_times,
    freshness,
    jobs_with_logs,
    list_sizes,
    logs,
    many_viewers,
    parsing,
    start_cost,
    tick_cost,
)
from bench.figures import Figure, table, write


def main() -> int:
    """Measure, print and write."""
    chromium, *names = sys.argv[1:]
    measures = {
        "many_viewers": many_viewers.measure,
        "jobs_with_logs": jobs_with_logs.measure,
        "freshness": freshness.measure,
        "tick_cost": tick_cost.measure,
        "browser_times": lambda: browser_times.measure(chromium),
        "start_cost": start_cost.measure,
        "list_sizes": list_sizes.measure,
        "parsing": parsing.measure,
        "logs": logs.measure,
    }
    begun, figures = time.monotonic(), list[Figure]()
    for name in names or measures:
        started = time.monotonic()
        figures += measures[name]()
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
        if not names:
            write(figures, Path(__file__).parent)  # what is there is kept where a later one fails
    print(table(figures))
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    return int(not all(figure.is_reached for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
