"""Short answers to what isn't served."""

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

NO_STORE = {"Cache-Control": "no-store"}


def refusal(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """A line of text that no cache keeps."""
    return PlainTextResponse(f"{text}\n", status, {**NO_STORE, **(headers or {})})


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer a request with this; close a WebSocket before it opens, which browsers see as 403."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await response(scope, receive, send)
