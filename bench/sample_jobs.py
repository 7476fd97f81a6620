"""Jobs at the demo server for measurements: as long as real ones, and as many as wanted."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.vpo_server import VpoServer

_RUNS_FOR = timedelta(seconds=400)


def add_sample_jobs(server: VpoServer, running: int, ended: int) -> list[str]:
    """Add jobs, those that run as the newest; returns the ids of all."""
    now = datetime.now(UTC)
    ids = []
    for number in range(ended + running):
        is_running = number >= ended
        created = now - timedelta(minutes=3 * (ended + running - number))
        ids.append(
            server.store.add_job(
                job_type="transcode",
                status="running" if is_running else "completed",
                file_path=f"/srv/media/tv/Harbour Lights/Harbour Lights S02E{number:03} [720p].mkv",
                progress_percent=float(number % 90) if is_running else 100.0,
                created_at=created,
                started_at=created + timedelta(seconds=30),
                completed_at=None if is_running else created + _RUNS_FOR,
            )
        )
    return ids


def logging(server: VpoServer, jobs: Sequence[str]) -> AbstractAsyncContextManager[None]:
    """Let each of these jobs write a line every two seconds."""

    async def append() -> None:
        for line in itertools.count(1):
            for job in jobs:
                server.store.append_log(job, [f"[2026-11-23T21:52:29.609764Z] line {line}"])
            await asyncio.sleep(2)

    return _meanwhile(append())


def advancing(server: VpoServer, running: Sequence[str]) -> AbstractAsyncContextManager[None]:
    """Let every one of these jobs report some more progress each second."""

    async def advance() -> None:
        for second in itertools.count():
            with server.store.transaction():
                for number, job in enumerate(running):
                    percent = float((number + second) % 100)
                    server.store.update_job(job, progress_percent=percent)
            await asyncio.sleep(1)

    return _meanwhile(advance())


@contextlib.asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do this beside, until the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
