"""Tick for a long time against a server that flaps, and see whether anything grows.

Run from the project's folder: `.venv/bin/python -m bench.soak [--ticks 10000] [--sessions 5]`.

Each session ticks so often, as fast as the app answers. It goes from page to page, presses the
button that asks again, and now and then vanishes without a word and comes back as a new one. The
app asks every 0.2 s, so that its poller sees the many changes of the server. The exit status is 1
where something grew, or the log holds more than a line a change.
"""

import argparse
import itertools
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from bench.flapping import Flapping, beyond_a_line_a_change
from bench.measured_app import MeasuredApp, ResourceUse, measured_app
from bench.scripted_viewer import Viewer
from tests.vpo_server import VpoServer, start

INTERVAL = "0.2"
_FLAP_SECONDS = 1.0
_PARTS, _WARM_PARTS = 10, 2
_POOL, _MOST_IN_POOL = "ThreadPoolExecutor", min(32, (os.cpu_count() or 1) + 4)
_MOST_GROWTH = 10.0
"""MB"""
_STEPS_ON_A_PAGE = 40
_STEPS_TO_A_PRESS = 20
_PAGES = (
    ("", ""),
    ("jobs", "status=failed"),
    ("job", "id={job}"),
    ("timeline", ""),
    ("jobs", ""),
    ("statistics", ""),
    ("library", ""),
    ("server", ""),
)


def view(app: MeasuredApp, job: str, ticks: int, number: int, *, stay: int = 250) -> Counter[str]:
    """Be one viewer after the other, each for `stay` steps; returns what was done."""
    done: Counter[str] = Counter()
    all_pages = [(page, query.format(job=job)) for page, query in _PAGES]
    pages = itertools.cycle(all_pages[number:] + all_pages[:number])  # not all on the same
    while done["ticks"] < ticks:
        with Viewer(app.port) as viewer:
            done["sessions"] += 1
            for step in range(stay):
                if step % _STEPS_ON_A_PAGE == 0:
                    viewer.open(*next(pages))
                elif step % _STEPS_TO_A_PRESS == 0 or not viewer.tick():
                    viewer.press("Retry now", "Refresh")
                    done["presses"] += 1
                if done["ticks"] + viewer.ticks >= ticks:
                    break
            done["ticks"] += viewer.ticks
            if done["sessions"] % 3:
                viewer.vanish()
    return done


def long_job(server: VpoServer) -> str:
    """A running job with a long log, for the viewers to follow."""
    job = server.store.add_job(job_type="transcode", status="running", file_path="/srv/long.mkv")
    server.store.append_log(job, [f"line {number}" for number in range(3000)])
    return job


def main() -> int:
    """Soak, print a table, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ticks", type=int, default=10_000, help="of each session")
    parser.add_argument("--sessions", type=int, default=5)
    given = parser.parse_args()
    numbers, ticks = range(given.sessions), given.ticks // _PARTS
    begun, measured, done, told = time.monotonic(), list[ResourceUse](), Counter[str](), 0
    print("| Ticks | Minutes | Flaps | MB | Threads | Files | Sockets | Lines of log | Beyond |")
    print("|---|---|---|---|---|---|---|---|---|")
    with (
        start(seed=1, rate_limit=None, pace=10) as server,
        measured_app(
            VPO_MONITOR_API_URL=server.url,
            VPO_MONITOR_HISTORY_JOBS="500",  # reached while it warms up
            SOAK_INTERVAL=INTERVAL,
        ) as app,
        ThreadPoolExecutor(given.sessions) as pool,
    ):
        job, flapping = long_job(server), Flapping(server, _FLAP_SECONDS)
        for _part in range(_PARTS):
            with flapping:
                for one in pool.map(lambda number: view(app, job, ticks, number), numbers):
                    done += one
            measured.append(now := app.settled())
            minutes, beyond = (time.monotonic() - begun) / 60, beyond_a_line_a_change(app.log)
            print(
                f"| {done['ticks']:,} | {minutes:.1f} | {flapping.thrown:,} | {now.megabytes:.1f} "
                f"| {now.threads} | {now.files} | {now.sockets} | {len(app.log):,} "
                f"| {len(beyond)} |",
                flush=True,
            )
            for line in beyond[told:]:
                print(f"no change: {line}", file=sys.stderr, flush=True)
            told = len(beyond)
    print(f"{done['sessions']:,} sessions, {done['presses']:,} presses")
    return _judge(measured, beyond)


def _own_threads(weight: ResourceUse) -> int:
    """Threads without those of the pool, which grows to its bound some time and stays there."""
    pool = weight.thread_names[_POOL]
    assert pool <= _MOST_IN_POOL  # noqa: S101 - Python's own bound
    return weight.threads - pool


def _judge(measured: list[ResourceUse], beyond: list[str]) -> int:
    warm, end = measured[_WARM_PARTS - 1], measured[-1]
    growth = end.megabytes - warm.megabytes
    print(f"grown by {growth:.1f} MB since the end of part {_WARM_PARTS}; most new objects:")
    for name, more in (end.objects - warm.objects).most_common(15):
        print(f"  {more:+,} {name}")
    for name, more in (end.thread_names - warm.thread_names).items():
        print(f"  {more:+,} threads: {name}")
    return int(growth > _MOST_GROWTH or _own_threads(end) > _own_threads(warm) or bool(beyond))


if __name__ == "__main__":
    sys.exit(main())
