"""What programs cost that read `/api/summary`: `python -m bench.summary`.

Measures the processor time of a request with 100 known jobs, with a new summary and with one from
the same second, and how long viewers wait during 200 requests a second.
"""

import asyncio
import http.client
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench.figures import Figure, table
from bench.many_viewers import waits_of
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs, advancing
from tests.vpo_server import start

_COMMAND = "python -m bench.summary"
_RUNNING, _ENDED = 10, 90
_PATH = "/api/summary"
_NEW_EVERY = 1.1
_NEW, _KNOWN = 15, 400
_IDLE_SECONDS = 10.0
_PER_SECOND, _CONNECTIONS = 200, 8
_VIEWERS, _SECONDS = 10, 25.0
_MILLISECONDS = 1000


def measure() -> list[Figure]:
    """Start the app, and read the summary in all three ways."""
    with (
        start(seed=1, worker=False, rate_limit=None, history=0) as server,
        started(VPO_MONITOR_API_URL=server.url) as app,
    ):
        jobs = add_sample_jobs(server, _RUNNING, _ENDED)
        _ask(app.port, 5, every=_NEW_EVERY)  # until all is known and imported
        before = app.processor_seconds()
        time.sleep(_IDLE_SECONDS)
        idle = (app.processor_seconds() - before) / _IDLE_SECONDS
        new = _processor_time(app, _NEW, _NEW_EVERY, idle)
        known = _processor_time(app, _KNOWN, 0.0, idle)

        async def viewed() -> float:
            async with advancing(server, jobs[_ENDED:]):
                _begun, wait = await waits_of(app, _VIEWERS, _SECONDS)
            return wait

        alone = asyncio.run(viewed())
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            until = time.monotonic() + 60.0
            load = elsewhere.submit(_load, app.port, until)
            beside = asyncio.run(viewed())
            answered = load.result()
    print(f"{answered / 60:.0f} requests a second were answered; waits without them {alone:.3f} s")
    return [
        _figure("processor time of a new summary, 100 jobs", new, 5.0),
        _figure("processor time of a summary from the same second, 100 jobs", known, 5.0),
        _figure("slowest 5 % of ticks, 10 viewers, 200 summaries a second", 1000 * beside, 300.0),
    ]


def _processor_time(app: RunningApp, number: int, every: float, idle: float) -> float:
    """Milliseconds of a processor for each request, without the share that the app takes idle."""
    began, before = time.monotonic(), app.processor_seconds()
    _ask(app.port, number, every)
    took, used = time.monotonic() - began, app.processor_seconds() - before
    return _MILLISECONDS * max(0.0, used - idle * took) / number


def _ask(port: int, number: int, every: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(number):
        connection.request("GET", _PATH)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status  # noqa: PLR2004, S101 - else it is no figure
        answer.read()
        time.sleep(every)
    connection.close()


def _load(port: int, until: float) -> int:
    """Send as many requests as there should be until then; return how many were answered."""

    async def connection(number: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answered, gap = 0, _CONNECTIONS / _PER_SECOND
        due_at = time.monotonic() + gap * number / _CONNECTIONS
        while due_at < until:
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            writer.write(f"GET {_PATH} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            answered += head.startswith(b"http/1.1 200")
            due_at += gap
        writer.close()
        return answered

    async def all_connections() -> int:
        return sum(await asyncio.gather(*map(connection, range(_CONNECTIONS))))

    return asyncio.run(all_connections())


def _figure(what: str, milliseconds: float, limit: float) -> Figure:
    return Figure(what, milliseconds, None, "ms", limit, _COMMAND)


if __name__ == "__main__":
    print(table(measure()))
