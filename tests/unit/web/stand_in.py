"""A small app in Streamlit's place, behind the middleware and beside the routes."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.unit.web.asgi import Answer, Browser
from vpo_monitor.config import Settings, load_settings
from vpo_monitor.web.layer import ServerOptions, WebLayer

PASSWORD = "open sesame"
READ_KEY = "for programs"
PAGE = "<!doctype html><head></head><script>start()</script><p>the page</p>"
SCRIPT = "const one = 1;\n" * 1000
IMMUTABLE = {"Cache-Control": "public, immutable, max-age=31536000", "ETag": '"17"'}


@dataclass
class StandIn:
    """What was served, and how the WebSockets ended."""

    served: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def app(self, layer: WebLayer) -> Starlette:
        url = layer.paths.url
        return Starlette(
            routes=[
                *layer.routes(),
                WebSocketRoute(url("/_stcore/stream"), self._stream),
                Route(url("/static/js/{name}"), self._script),
                Route(url("/component/timer/index.html"), self._page),
                Mount(url("") or "/", self._anything()),
            ],
            middleware=layer.middleware(),
        )

    def _anything(self) -> ASGIApp:
        return Starlette(routes=[Route("/{path:path}", self._page, methods=["GET", "POST", "PUT"])])

    async def _page(self, request: Request) -> Response:
        self.served.append(request.url.path)
        if "/_stcore/" in request.url.path:
            return PlainTextResponse("ok")
        return HTMLResponse(PAGE, headers={"Cache-Control": "no-cache"})

    async def _script(self, request: Request) -> Response:
        self.served.append(request.url.path)
        if request.path_params["name"].startswith("missing"):
            return HTMLResponse(PAGE, headers={"Cache-Control": "no-cache"})
        return Response(SCRIPT, media_type="text/javascript", headers=IMMUTABLE)

    async def _stream(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect:
            self.ended.append("left")
        finally:
            self.ended.append("cleaned up")


def settings_with(**values: Any) -> Settings:
    """The defaults, with these values in place of some."""
    secrets = ("password", "read_key")
    changed = {
        name: SecretStr(value) if name in secrets else value for name, value in values.items()
    }
    return load_settings().model_copy(update=changed)


def layer_with(options: ServerOptions | None = None, **values: Any) -> WebLayer:
    """A layer that asks for PASSWORD, unless the settings say otherwise."""
    settings = settings_with(**{"password": PASSWORD, **values})
    return WebLayer(settings, options or ServerOptions())


def open_layer(options: ServerOptions | None = None, **values: Any) -> WebLayer:
    """A layer that asks nobody for anything."""
    return WebLayer(settings_with(**values), options or ServerOptions())


def browser_of(layer: WebLayer, stand_in: StandIn | None = None) -> Browser:
    """A browser in front of the stand-in."""
    return Browser((stand_in or StandIn()).app(layer))


def log_in(browser: Browser, password: str = PASSWORD, path: str = "/login") -> Answer:
    return browser.post(path, {"username": "VPO Monitor", "password": password})
