"""What the least page with a live table costs in Streamlit, by the measures of the table.

Run from the project's folder: `.venv/bin/python -m bench.floor /usr/bin/chromium`. A goal below
these figures is out of reach of any page that Streamlit draws, with the settings that the app has.
"""

import asyncio
import sys

from bench import browser_times, many_viewers, tick_cost
from bench.running_app import started

_VIEWERS = 300


def main(chromium: str) -> None:
    """Measure and print."""
    with started("floor") as floor:
        processor, _size = asyncio.run(tick_cost.watch_one(floor, tick_cost.VIEWERS, ""))
        print(f"processor time per viewer and tick, all rows changed: {1000 * processor:.1f} ms")
        cold = browser_times.cold(chromium, floor)
        print(f"cold browser to the rows on screen, median: {cold:.2f} s")
    with started("floor") as floor:
        _begun, wait = asyncio.run(many_viewers.waits_of(floor, _VIEWERS, 25.0))
        print(f"{_VIEWERS} viewers, the slowest 5 % of ticks: {1000 * wait:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1])
