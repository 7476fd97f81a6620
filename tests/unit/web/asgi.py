"""Drives an ASGI app without a server, and sends exactly what a test says."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Scope

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers["location"]


@dataclass
class Browser:
    """Keeps cookies, as a browser does."""

    app: ASGIApp
    host: str = "localhost:8501"
    scheme: str = "http"
    address: str = "127.0.0.1"
    port: int = 8501
    cookies: dict[str, str] = field(default_factory=dict)

    def scope(self, kind: str, path: str, headers: Mapping[str, str]) -> Scope:
        target, _, query = path.partition("?")
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"host": self.host, **({"cookie": cookie} if cookie else {}), **headers}
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": self.scheme,
            "path": unquote(target),
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": (self.address, 4242),
            "server": ("127.0.0.1", self.port),
            "subprotocols": [],
        }

    def get(self, path: str, method: str = "GET", /, **headers: str) -> Answer:
        """Ask for a page, or for whatever `accept` says."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(method, path, b"", {"accept": "text/html,*/*;q=0.8", **named})

    def post(self, path: str, form: Mapping[str, str] | bytes = b"", /, **headers: str) -> Answer:
        """Send a form."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        usual = {"content-type": FORM, "content-length": str(len(body))}
        return self.send("POST", path, body, {**usual, **named})

    def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        scope = {**self.scope("http", path, headers), "method": method}
        return asyncio.run(self._send(scope, body))

    def post_partly(self, path: str, body: bytes) -> Answer:
        """Begin to send a form, and go away."""
        headers = {"content-type": FORM, "content-length": "1000"}
        scope = {**self.scope("http", path, headers), "method": "POST"}
        return asyncio.run(self._send(scope, body, is_complete=False))

    async def _send(self, scope: Scope, body: bytes, *, is_complete: bool = True) -> Answer:
        parts = [body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""]
        self.parts_read = 0
        sent: list[Message] = []

        async def receive() -> Message:
            if self.parts_read == len(parts):
                return {"type": "http.disconnect"}
            self.parts_read += 1
            more = self.parts_read < len(parts) or not is_complete
            return {"type": "http.request", "body": parts[self.parts_read - 1], "more_body": more}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *bodies = sent
        assert start["type"] == "http.response.start"
        assert not bodies[-1].get("more_body", False)
        headers = Headers(raw=start["headers"])
        self._keep(headers.getlist("set-cookie"))
        return Answer(start["status"], headers, b"".join(one.get("body", b"") for one in bodies))

    def _keep(self, set_cookies: list[str]) -> None:
        for text in set_cookies:
            for name, morsel in SimpleCookie(text).items():
                if morsel["max-age"] == "0" or morsel.value == "null":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


class Socket:
    """A WebSocket of a browser, open while `serve` runs in the test's loop."""

    def __init__(self, browser: Browser, path: str = "/_stcore/stream", **headers: str) -> None:
        self._scope = browser.scope("websocket", path, headers)
        self._app = browser.app
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Message] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.ensure_future(
            self._app(self._scope, self._incoming.get, self._outgoing.put)
        )

    async def receive(self) -> dict[str, Any]:
        """The next message from the app."""
        return dict(await asyncio.wait_for(self._outgoing.get(), 5))

    async def exchange(self, text: str) -> str:
        """Send a message, and return what comes back."""
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})
        return str((await self.receive())["text"])

    async def leave(self) -> None:
        """Close it from the browser's side."""
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 5)
