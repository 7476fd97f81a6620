"""Short answers, and routes that answer every method."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

NO_STORE = {"Cache-Control": "no-store"}
Handler = Callable[[Request], Awaitable[Response]]


def refusal(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """A line of text that no cache keeps."""
    return PlainTextResponse(f"{text}\n", status, {**NO_STORE, **(headers or {})})


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer a request with this; close a WebSocket before it opens, which browsers see as 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await response(scope, receive, send)


async def health(_request: Request) -> Response:
    """Say that the app runs. It asks VPO for nothing, and needs no login."""
    return refusal("ok", 200)


def fixed(body: bytes | str, media_type: str, headers: dict[str, str]) -> Handler:
    """Return a handler that serves the same body to everyone."""

    async def serve(_request: Request) -> Response:
        return Response(body, media_type=media_type, headers=headers)

    return serve


class Endpoint:
    """A route that answers GET (and HEAD) and POST with a handler, if there is one.

    All other methods are answered with 405, so that none falls through to Streamlit.
    """

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
