"""A server with one log, kept and counted as VPO does, asked without HTTP."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from tests.vpo_server import Logs
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import Params
from vpo_monitor.api.models import LogLines
from vpo_monitor.api.server import Server
from vpo_monitor.polling.bulk import BulkQuery, BulkRun
from vpo_monitor.polling.queries import Query

JOB = "273011fb-a77a-4487-8c7b-bed8690ec2d3"
T = TypeVar("T")


def line(number: int) -> str:
    """A line as VPO writes it: with a time of its own."""
    return f"[{number:07}] line {number}"


class LogServer(VpoClient):
    """`asked` holds the (lines, offset) of each request."""

    def __init__(self, folder: Path, lines: int = 0) -> None:
        super().__init__(Server("test", "http://127.0.0.1:1"))
        self.logs_kept = Logs(folder)
        self.asked: list[tuple[int, int]] = []
        self.write(line(number) for number in range(1, lines + 1))

    def request(
        self, model: type[Any], path: str, params: Params | None = None, **_named: object
    ) -> Any:
        """All else that is asked is its health."""
        if model is LogLines:
            return self.logs(path.split("/")[3], **(params or {}))  # type: ignore[arg-type]
        return model(status="healthy", jobs_running=1, jobs_queued=0)

    def write(self, lines: Iterable[str]) -> None:
        self.logs_kept.append(JOB, list(lines))

    def all_lines(self) -> list[str]:
        return self.logs_kept.read(JOB, limit=10**9, offset=0).lines

    def logs(self, job_id: str, *, lines: int | None = None, offset: int | None = None) -> LogLines:
        limit, start = min(lines or 500, 1000), offset or 0
        self.asked.append((limit, start))
        page = self.logs_kept.read(job_id, limit=limit, offset=start)
        return LogLines(
            job_id=job_id,
            lines=tuple(page.lines),
            total_lines=page.total,
            offset=start,
            has_more=page.has_more,
        )


_runs: WeakKeyDictionary[VpoClient, BulkRun[Any]] = WeakKeyDictionary()


def run(query: Query[T], client: VpoClient, previous: T | None = None) -> T:
    """Ask until the answer is complete, as the poller does; go on from the `previous` one."""
    if not isinstance(query, BulkQuery):
        return query.fetch(client)
    for _ in range(2000):
        previous = step(query, client, previous)
        if _runs[client].is_complete:
            return previous
    raise AssertionError("it is asked for again and again")


def step(query: BulkQuery[T], client: VpoClient, previous: T | None) -> T:
    """Send one request; go on from the `previous` result."""
    if previous is None:
        _runs[client] = BulkRun(query)
    work = _runs[client]
    work.go_on()
    if work.request is None:
        return cast("T", work.result)
    return cast("T", work.advance(work.request.fetch(client)))
