"""`/api/summary`: the state of each server as JSON, for start pages and home automation."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from vpo_monitor.analysis.summary import Summary, summarize
from vpo_monitor.metrics.sources import Target
from vpo_monitor.web.program_reader import ProgramReader
from vpo_monitor.web.read_key import ReadKey
from vpo_monitor.web.shared_body import SharedBody

_MAX_AGE = 1.0


class SummaryRoute:
    """Answers with one summary a second, however many ask."""

    def __init__(
        self, targets: Callable[[], tuple[Target, ...]], key: ReadKey, reader: ProgramReader
    ) -> None:
        self._targets = targets
        self._key = key
        self._reader = reader
        self._body = SharedBody(self._json, "application/json", "summary", max_age=_MAX_AGE)

    async def get(self, request: Request) -> Response:
        """Return the summary."""
        return self._key.refuse(request) or await self._body.respond(request)

    def _json(self) -> bytes:
        servers = [
            summarize(target.name, self._reader.read(target), is_demo=target.is_demo)
            for target in self._targets()
        ]
        return Summary(servers=servers).model_dump_json().encode()
