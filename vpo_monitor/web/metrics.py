"""`/metrics`: what Prometheus reads."""

import asyncio
import logging
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vpo_monitor.metrics.sources import Sources
from vpo_monitor.web.read_key import ReadKey
from vpo_monitor.web.responses import NO_STORE, refusal

if TYPE_CHECKING:
    from vpo_monitor.metrics.exposition import Exposition

_log = logging.getLogger(__name__)
NO_LIBRARY = (
    "Metrics are off: the Python package prometheus-client is missing or too old. Install it as "
    "described in docs/how-to/prometheus.md, then restart the app."
)


class Metrics:
    """Answers scrapes, one at a time.

    The library is imported by the first one, as it is optional and takes memory.
    """

    def __init__(self, sources: Sources, key: ReadKey) -> None:
        self._sources = sources
        self._key = key
        self._exposition: Exposition | None = None
        self._one_at_a_time = asyncio.Lock()
        self._reported: set[str] = set()

    async def scrape(self, request: Request) -> Response:
        """All metrics as text."""
        refused = self._key.refuse(request)
        if refused is not None:
            return refused
        try:
            async with self._one_at_a_time:
                return await run_in_threadpool(self._scrape)
        except ImportError:
            return refusal(NO_LIBRARY, 503)
        except Exception as failure:  # noqa: BLE001 - its traceback could hold text of a server
            self._report(str(failure))
            return refusal("The metrics couldn't be collected.", 500)

    def _scrape(self) -> Response:
        from vpo_monitor.metrics.exposition import CONTENT_TYPE, Exposition  # noqa: PLC0415

        if self._exposition is None:
            self._exposition = Exposition(self._sources)
        text = self._exposition.text()
        return Response(text, headers={**NO_STORE, "Content-Type": CONTENT_TYPE})

    def _report(self, failure: str) -> None:
        if failure not in self._reported:
            self._reported.add(failure)
            _log.error("The metrics couldn't be collected: %s", failure)
