"""What several processes of the app cost a VPO server that share one poll, and what if parts end.

Run from the project's folder: `.venv/bin/python -m bench.shared [--seconds 60]`. It needs a
redis-server or valkey-server on the PATH, and the library `redis`. The warnings between the lines
are the processes' own log.
"""

import argparse
import asyncio
import contextlib
import math
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import redis
from websockets.exceptions import ConnectionClosed

from bench.request_counts import MINUTE, count_of_429
from bench.running_app import running_app, started
from bench.running_store import running_store
from bench.websocket_viewer import watch
from tests.vpo_server import VpoServer, start

_PROCESSES = 4
_VIEWERS = 3
"""On each process."""
_SETTLE = 20.0
_OPENINGS = 3
_FIRST_DRAWING = 3.0
_Badges = list[tuple[float, int, dict[str, Any]]]
"""When it was seen, the port of its process, and what it said."""


def main() -> None:
    """Print a line for each part of the run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", default="jobs")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each part")
    given = parser.parse_args()
    with start(seed=1) as server, running_app(VPO_MONITOR_API_URL=server.url) as port:
        asyncio.run(_one(server, port, given.page, given.seconds))
    with contextlib.ExitStack() as running:
        server = running.enter_context(start(seed=1))
        store = running.enter_context(running_store())
        settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_SHARED_STORE": store.url}
        apps = [running.enter_context(started(**settings)) for _ in range(_PROCESSES)]
        run = _Run(server, [app.port for app in apps], given.page)

        async def all_parts() -> None:
            async with run.viewers():
                await run.part(f"{_PROCESSES} processes", given.seconds)
                _print_memory(store.port)
                with store.hanging():
                    await run.part("the store hangs", given.seconds / 2)
                await run.part("and goes on", given.seconds / 2)
                for ended in range(2):
                    apps[ended].process.kill()
                    run.ports.pop(0)
                    await run.part(f"process {ended + 1} was killed", given.seconds / 2)
                store.stop()
                await run.part("the store was killed", given.seconds / 2)
                store.start()
                await run.part("the store is there again", given.seconds / 2)

        asyncio.run(all_parts())


def _print_memory(port: int) -> None:
    with redis.Redis(port=port, decode_responses=True) as store:
        keys = list(store.scan_iter())
        octets = sum(store.memory_usage(key) or 0 for key in keys)
        print(f"the store holds {len(keys)} keys in {octets / 1024:.0f} kB, all of which end")
        assert all(store.pttl(key) != -1 for key in keys)  # noqa: S101 - else it is no figure


async def _one(server: VpoServer, port: int, page: str, seconds: float) -> None:
    run = _Run(server, [port], page)
    async with run.viewers(_VIEWERS * _PROCESSES):
        await run.part("1 process without a store", seconds)


class _Run:
    """Viewers of processes; `ports` are those that have not been ended."""

    def __init__(self, server: VpoServer, ports: list[int], page: str) -> None:
        self.ports = ports
        self._server = server
        self._page = page
        self._badges: _Badges = []

    @contextlib.asynccontextmanager
    async def viewers(self, each: int = _VIEWERS) -> AsyncIterator[None]:
        """Have viewers look on, who came one after the other."""
        ports = [port for port in self.ports for _ in range(each)]
        watching = [
            asyncio.create_task(self._watch(port, number * _SETTLE / 2 / len(ports)))
            for number, port in enumerate(ports)
        ]
        await asyncio.sleep(_SETTLE)
        yield
        for one in watching:
            one.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    async def _watch(self, port: int, wait: float) -> None:
        await asyncio.sleep(wait)
        with contextlib.suppress(ConnectionClosed, OSError):
            await watch(
                port,
                self._page,
                "",
                until=time.monotonic() + 24 * MINUTE,
                seen=lambda at, badge: self._badges.append((at, port, badge)),
            )

    async def part(self, name: str, seconds: float) -> None:
        """Look on for so long, and print what it cost and what the viewers saw."""
        begun = time.monotonic()
        await asyncio.sleep(seconds)
        end = time.monotonic()
        # Not before: who opens a page wants newer data than who has it open, and so asks for some.
        opened = await asyncio.gather(*(self._open_often(port) for port in self.ports))
        openings = [took for one in opened for took in one]
        asked = [r for r in self._server.requests if begun <= r.at < end]
        seen = [badge for at, _, badge in self._badges if begun <= at < end]
        paths = Counter(re.sub(r"[0-9a-f-]{36}|\d+", "…", r.path) for r in asked)
        words = Counter(badge["word"] for badge in seen)
        ages = [badge["age"] for badge in seen if badge["age"] is not None]
        print(
            f"{name}, {end - begun:.0f} s: {len(asked) * MINUTE / (end - begun):.1f} requests a "
            f"minute {dict(paths)}, {count_of_429(asked)} answers 429; {dict(words)}, "
            f"data at most {max(ages, default=0.0):.1f} s old, new in each process after "
            f"{max(self._first_new(port, begun) for port in self.ports):.1f} s; a page opens in "
            f"{statistics.median(openings):.2f} s, at worst {max(openings):.2f} s",
            flush=True,
        )

    def _first_new(self, port: int, begun: float) -> float:
        """Seconds until a viewer of the process saw data that was requested since `begun`."""
        seen = [
            at
            for at, of, badge in self._badges
            if of == port and badge["age"] is not None and at - badge["age"] > begun
        ]
        return min(seen, default=math.inf) - begun

    async def _open_often(self, port: int) -> list[float]:
        return [await self._open(port) for _ in range(_OPENINGS)]

    async def _open(self, port: int) -> float:
        """Seconds from the opening of the page until its badge is there."""
        begun, first = time.monotonic(), list[float]()
        await watch(
            port,
            self._page,
            "",
            until=begun + _FIRST_DRAWING,
            seen=lambda at, _badge: first.append(at),
        )
        return (first[0] if first else time.monotonic()) - begun


if __name__ == "__main__":
    os.environ.setdefault("STREAMLIT_SERVER_HEADLESS", "true")
    main()
