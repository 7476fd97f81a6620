"""A response that is made once for all who ask at nearly the same time."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from vpo_monitor.web.responses import refusal

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Made:
    body: bytes
    etag: str
    at: float


class SharedBody:
    """The body that `make` returns, made again when somebody asks and it is `max_age` seconds old.

    It is made in a thread, once at a time. `what` names it in error messages.
    """

    def __init__(
        self,
        make: Callable[[], bytes],
        media_type: str,
        what: str,
        *,
        max_age: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._what = what
        self._max_age = max_age
        self._now = now
        self._made: _Made | None = None
        self._one_at_a_time = asyncio.Lock()
        self._reported: set[str] = set()
        self._headers = {
            "Content-Type": media_type,
            "Cache-Control": f"private, max-age={max_age:.0f}",
        }

    async def respond(self, request: Request) -> Response:
        """Return the body; or 304 to who has it already, 500 if it couldn't be made."""
        try:
            made = self._fresh() or await self._made_now()
        except Exception as failure:  # noqa: BLE001 - its traceback could hold text of a server
            self._report(type(failure).__name__)
            return refusal(f"The {self._what} couldn't be made.", 500)
        headers = self._headers | {"ETag": made.etag}
        if _has(request.headers.get("if-none-match", ""), made.etag):
            return Response(status_code=304, headers=headers)
        return Response(made.body, headers=headers)

    def _fresh(self) -> _Made | None:
        made = self._made
        return made if made is not None and self._now() - made.at < self._max_age else None

    async def _made_now(self) -> _Made:
        async with self._one_at_a_time:
            made = self._fresh()
            if made is None:
                body = await run_in_threadpool(self._make)
                etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
                self._made = made = _Made(body, etag, self._now())
            return made

    def _report(self, failure: str) -> None:
        if failure not in self._reported:
            self._reported.add(failure)
            _log.error("The %s couldn't be made: %s", self._what, failure)


def _has(if_none_match: str, etag: str) -> bool:
    """Whether the header names the body; weak comparison, as RFC 9110 wants it (13.1.2)."""
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)
