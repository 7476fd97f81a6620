"""Measure what a job's log costs: opened, and followed, at 1,000 and at 1,000,000 lines.

Run from the project's folder: `.venv/bin/python -m bench.logs [MINUTES]` (60 by default). Both logs
are followed side by side at the default intervals, one viewer each, while a line is written to each
every 10 s. Requests are counted at the server, bytes between the app and the viewer.
"""

import asyncio
import sys
import time

from bench.figures import Figure
from bench.running_app import running_app, started
from bench.websocket_viewer import Traffic, watch
from tests.vpo_server import Fault, VpoServer, start

_LENGTHS = (1_000, 1_000_000)
_OPENING = 10.0
_OPENED, _FOLLOWED = 4.0, 15.5
_SERVER_SECONDS = 0.4
_WRITE_EVERY = 10.0


def main() -> None:
    """Print a line for the opening and one for the following of each log."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with start(seed=1, worker=False) as server, running_app(VPO_MONITOR_API_URL=server.url) as port:
        jobs = {length: _job(server, length) for length in _LENGTHS}
        asyncio.run(_measure(server, port, jobs, minutes))


def measure() -> list[Figure]:
    """What a log of 1,000,000 lines takes more than one of 1,000, the server's time apart.

    The server takes its time for both, more than a drawing waits: as it goes through all lines of
    the long one, only there it would else be too late for the first drawing, and need another.
    """
    with (
        start(seed=1, worker=False, rate_limit=None) as server,
        started("app", VPO_MONITOR_API_URL=server.url) as app,
    ):
        jobs = {length: _job(server, length) for length in _LENGTHS}
        other = _job(server, min(_LENGTHS))  # for what a process does once
        asyncio.run(watch(app.port, "job", f"id={other}", until=time.monotonic() + _OPENED))
        server.faults.set(Fault.SLOW, seconds=_SERVER_SECONDS)
        short, long = (asyncio.run(_open_and_follow(server, app.port, j)) for j in jobs.values())
    command = "python -m bench CHROMIUM logs"
    names = ("requests to open", "kB to open", "kB to follow for 15 s")
    return [
        Figure(f"a log of 1,000,000 lines against 1,000: {name}", more, None, "more", 1.0, command)
        for name, more in zip(names, (b - a for a, b in zip(short, long, strict=True)), strict=True)
    ]


async def _open_and_follow(server: VpoServer, port: int, job: str) -> tuple[float, float, float]:
    """Requests and kB to open a log, and kB to follow it while a line comes every 10 s."""
    begun = time.monotonic()
    at_first = 0

    def arrived(at: float, size: int) -> None:
        nonlocal at_first
        if at < begun + _OPENED:
            at_first = size

    writing = asyncio.create_task(_write(server, {_LENGTHS[-1]: job}))
    until = begun + _OPENED + _FOLLOWED
    cost = await watch(port, "job", f"id={job}", until=until, arrived=arrived)
    writing.cancel()
    path = f"/api/jobs/{job}/logs"
    asked = sum(r.path == path and begun <= r.at < begun + _OPENED for r in server.requests)
    return asked, at_first / 1000, (cost.received - at_first) / 1000


def _job(server: VpoServer, length: int) -> str:
    job = server.store.add_job(job_type="transcode", status="running", file_path="/srv/a.mkv")
    server.store.append_log(job, [_line(number) for number in range(1, length + 1)])
    return job


def _line(number: int) -> str:
    """A line as long as any other, so that the lines themselves make no difference."""
    return f"[2026-11-23T21:52:29.609764Z] frame={number:07} fps=48 q=28.0 size=1233KiB speed=1.9x"


async def _measure(server: VpoServer, port: int, jobs: dict[int, str], minutes: float) -> None:
    for length, job in jobs.items():
        begun = time.monotonic()
        shown: list[float] = []

        def note_message(at: float, message: bytes, shown: list[float] = shown) -> None:
            if b"frame=" in message:
                shown.append(at)

        cost = await watch(
            port, "job", f"id={job}", until=begun + _OPENING, on_message=note_message
        )
        asked = _requests(server, job, begun)
        print(
            f"opening {length:,} lines: on its way to the screen after {shown[0] - begun:.2f} s, "
            f"{asked} requests for the log, {cost.received:,} bytes received, {cost.sent:,} sent "
            f"in {_OPENING:.0f} s",
            flush=True,
        )
    begun = time.monotonic()
    until = begun + minutes * 60
    writing = asyncio.create_task(_write(server, jobs))
    costs: list[Traffic] = await asyncio.gather(
        *(watch(port, "job", f"id={job}", until=until) for job in jobs.values())
    )
    writing.cancel()
    for (length, job), cost in zip(jobs.items(), costs, strict=True):
        print(
            f"following {length:,} lines for {minutes:g} min: {_requests(server, job, begun)} "
            f"requests for the log, {cost.ticks} ticks, {cost.drawings} drawings of the page, "
            f"{cost.received:,} bytes received ({cost.received / max(1, cost.ticks):,.0f} a tick), "
            f"{cost.sent:,} sent ({cost.sent / max(1, cost.ticks):,.0f} a tick)",
            flush=True,
        )


async def _write(server: VpoServer, jobs: dict[int, str]) -> None:
    number = max(jobs)
    while True:
        await asyncio.sleep(_WRITE_EVERY)
        number += 1
        for job in jobs.values():
            server.store.append_log(job, [_line(number)])


def _requests(server: VpoServer, job: str, since: float) -> int:
    return sum(r.path == f"/api/jobs/{job}/logs" and r.at >= since for r in server.requests)


if __name__ == "__main__":
    main()
