"""Count what many viewers cost a VPO server: on the same view, and each on a job of their own.

Run from the project's folder: `.venv/bin/python -m bench.polling_load [--page PAGE] [VIEWERS ...]`.
With a page (`overview`, `jobs`, `timeline`, `statistics`, `server`), only that is looked at.
"""

import argparse
import asyncio
import re
import time
from collections import Counter
from http import HTTPStatus
from typing import Any

from bench.request_counts import MINUTE, count_of_429, requests_in_busiest_minute
from bench.running_app import running_app
from bench.sample_jobs import logging
from bench.websocket_viewer import watch
from tests.vpo_server import VpoServer, start

_SETTLE = 15.0
_MINUTES = 3
_JOBS = 20
_JOB_MINUTES = 4
_STALE_INTERVALS = 2
_INTERVAL = 5.0
_DRAWING = 2.0
"""Seconds in which a drawing reaches its viewer; an answer that comes meanwhile may be in it."""


def main() -> None:
    """Print a line for each number of viewers, and what 20 watched jobs cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--page")
    parser.add_argument("viewers", nargs="*", type=int, default=(1, 10, 50))
    given = parser.parse_args()
    for viewers in given.viewers:
        with start(seed=1) as server, running_app(VPO_MONITOR_API_URL=server.url) as port:
            asyncio.run(_same_view(server, port, viewers, given.page or "jobs"))
    if given.page:
        return
    with start(seed=1, worker=False) as server, running_app(VPO_MONITOR_API_URL=server.url) as port:
        asyncio.run(_own_jobs(server, port))


async def _same_view(server: VpoServer, port: int, viewers: int, page: str) -> None:
    begun = time.monotonic() + _SETTLE
    end = begun + _MINUTES * MINUTE

    async def view(number: int) -> int:
        await asyncio.sleep(number * _SETTLE / 2 / viewers)  # not all at once
        return (await watch(port, "" if page == "overview" else page, "", until=end)).drawings

    drawings = await asyncio.gather(*(view(number) for number in range(viewers)))
    asked = [r for r in server.requests if begun <= r.at < end]
    paths = Counter(re.sub(r"[0-9a-f-]{36}|\d+", "…", r.path) for r in asked)
    print(
        f"{page}, {viewers} viewers: {paths.total() / _MINUTES:.1f} requests a minute, "
        f"{requests_in_busiest_minute(asked)} in the busiest 60 s, "
        f"{count_of_429(asked)} answers 429, "
        f"{dict(paths)}; "
        f"{min(drawings)}-{max(drawings)} drawings a viewer"
    )


async def _own_jobs(server: VpoServer, port: int) -> None:
    ids = [
        server.store.add_job(job_type="transcode", status="running", file_path=f"/srv/{n}.mkv")
        for n in range(_JOBS)
    ]
    end = time.monotonic() + _JOB_MINUTES * MINUTE
    badges: dict[str, list[tuple[float, dict[str, Any]]]] = {job: [] for job in ids}

    async def view(job: str) -> None:
        def seen(at: float, badge: dict[str, Any]) -> None:
            badges[job].append((at, badge))

        await watch(port, "job", f"id={job}", until=end, seen=seen)

    async with logging(server, ids):
        await asyncio.gather(*(view(job) for job in ids))
    limited = [r for r in server.requests if r.path not in ("/health", "/api/about")]
    print(
        f"{_JOBS} jobs with logs, {_JOB_MINUTES} min: at most "
        f"{requests_in_busiest_minute(server.requests)} requests in any 60 s, "
        f"{count_of_429(limited)} answers 429, "
        f"{dict(Counter(r.path.rsplit('/', 1)[-1] == 'logs' for r in limited))} (True: logs)"
    )
    ages, errors, silent = [], [], 0
    for job, drawn in badges.items():
        for at, badge in drawn:
            if badge["age"] is None:
                continue
            real = _real_ages(server, job, at, at) + _real_ages(server, job, at - _DRAWING, at)
            ages.append(badge["age"])
            errors.append(min(abs(badge["age"] - age) for age in real))
            is_old = min(real[0], real[-2]) > _STALE_INTERVALS * _INTERVAL + _DRAWING
            silent += is_old and not (badge["stale_in"] or 0.0) < 0
    ages.sort()
    errors.sort()
    words = Counter(badge["word"] for drawn in badges.values() for _, badge in drawn)
    print(
        f"age of what is shown: p50 {ages[len(ages) // 2]:.1f} s, worst {ages[-1]:.1f} s; "
        f"{len(ages)} drawings, the age said differs from the server's record by "
        f"p95 {errors[int(len(errors) * 0.95)]:.1f} s, worst {errors[-1]:.1f} s, "
        f"{silent} old without saying so; {dict(words)}"
    )


def _real_ages(server: VpoServer, job: str, until: float, at: float) -> list[float]:
    """Seconds, at `at`, since what the server answered last for the job and for its log."""
    newest = {f"/api/jobs/{job}": at, f"/api/jobs/{job}/logs": at}
    for request in server.requests:
        if request.path in newest and request.at <= until and request.status == HTTPStatus.OK:
            newest[request.path] = request.at
    return [at - moment for moment in newest.values()]


if __name__ == "__main__":
    main()
