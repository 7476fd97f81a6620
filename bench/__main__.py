"""Measure everything that was promised, beside the baseline, and write one table.

Run as `make bench`: `python -m bench CHROMIUM [FOLDER]`. The figures go to `figures.json` and
`figures.md` in the folder (default: `bench`). The exit status is 1 where a goal was missed.
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
    chromium = sys.argv[1]
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent  # noqa: PLR2004
    measures = (
        many_viewers.measure,
        jobs_with_logs.measure,
        freshness.measure,
        tick_cost.measure,
        lambda: browser_times.measure(chromium),
        start_cost.measure,
        list_sizes.measure,
        parsing.measure,
        logs.measure,
    )
    begun, figures = time.monotonic(), list[Figure]()
    for measure in measures:
        figures += measure()
        write(figures, folder)  # what is there is kept where a later one fails
    print(table(figures))
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes")
    return int(not all(figure.is_reached for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
