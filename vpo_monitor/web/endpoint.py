"""A route that answers every method, so that none falls through to Streamlit."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vpo_monitor.web.refusals import refusal

Handler = Callable[[Request], Awaitable[Response]]


class Endpoint:
    """Answers GET (and HEAD) and POST with a handler, if there is one, and 405 otherwise."""

    def __init__(self, *, get: Handler | None = None, post: Handler | None = None) -> None:
        self._handlers = {"GET": get, "HEAD": get, "POST": post}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        handler = self._handlers.get(scope["method"])
        if handler is None:
            allowed = ", ".join(method for method, one in self._handlers.items() if one)
            response = refusal("Method not allowed.", 405, {"Allow": allowed})
        else:
            response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)
