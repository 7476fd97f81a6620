"""Nothing is served before login: the middleware around everything else."""

from collections.abc import Collection
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vpo_monitor.exposure import is_this_machine
from vpo_monitor.web.connections import Connections
from vpo_monitor.web.logins import Logins
from vpo_monitor.web.paths import (
    COMPONENT,
    HEALTH,
    LOGIN,
    MEDIA,
    STATIC,
    Paths,
    is_page,
    next_query,
    page_to_return_to,
    with_query,
)
from vpo_monitor.web.responses import NO_STORE, refusal, refuse


@dataclass(frozen=True)
class Lock:
    """Whom the app shows nothing but `page`.

    `is_for_others` is true if there is no login, as only this machine should reach the app: if
    another one does nevertheless, past the settings known here, it gets nothing either.
    """

    page: Response
    is_for_all: bool = False
    is_for_others: bool = False

    def shuts_out(self, scope: Scope) -> bool:
        """Whether who sent this gets nothing."""
        client = scope.get("client")
        is_other = client is not None and not is_this_machine(client[0])
        return self.is_for_all or (self.is_for_others and is_other)


class LoginMiddleware:
    """Lets through who has a session, and everybody to `open_paths`; the rest is refused.

    Who wants a page is sent to the login and back; everything else gets 401, a WebSocket 403. A
    WebSocket is closed once its session ends. Who is locked out gets nothing at all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        paths: Paths,
        logins: Logins,
        connections: Connections,
        open_paths: Collection[str],
        lock: Lock,
    ) -> None:
        self._app = app
        self._paths = paths
        self._logins = logins
        self._connections = connections
        self._open_paths = frozenset(open_paths)
        self._lock = lock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = self._paths.inside(scope["path"])
        if scope["type"] == "http" and path == HEALTH:
            await self._app(scope, receive, send)
        elif self._lock.shuts_out(scope):
            await refuse(scope, receive, send, _locked(scope, path, self._lock.page))
        elif path is None:
            await refuse(scope, receive, send, refusal("Not found.", 404))
        elif scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
        else:
            await self._serve_http(path, scope, receive, send)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = self._logins.find(scope)
        if session is not None:
            self._logins.sessions.touch(session.key)
        elif self._logins.is_required:
            await refuse(scope, receive, send, refusal("", 403))
            return
        await self._connections.serve(self._app, scope, receive, send, session)

    async def _serve_http(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._logins.is_required or path in self._open_paths:
            await self._app(scope, receive, send)
            return
        session = self._logins.find(scope)
        if session is None:
            await refuse(scope, receive, send, self._login_first(path, scope))
            return
        self._logins.sessions.touch(session.key)
        if not path.startswith((STATIC, COMPONENT)):
            send = _uncached(send, is_data=path.startswith(MEDIA))
        await self._app(scope, receive, send)

    def _login_first(self, path: str, scope: Scope) -> Response:
        if not _wants_page(path, scope):
            return refusal("Log in first.", 401)
        page = page_to_return_to(with_query(path, scope["query_string"]))
        return RedirectResponse(self._paths.url(LOGIN) + next_query(page), 303, NO_STORE)


def _wants_page(path: str, scope: Scope) -> bool:
    accepted = HTTPConnection(scope).headers.get("accept", "")
    return scope["method"] in ("GET", "HEAD") and "text/html" in accepted and is_page(path)


def _locked(scope: Scope, path: str | None, page: Response) -> Response:
    if scope["type"] == "http" and path is not None and _wants_page(path, scope):
        return page
    return refusal("VPO Monitor is locked. Open it in a browser to see why.", 503)


def _uncached(send: Send, *, is_data: bool) -> Send:
    """Keep pages and data out of caches: Back must not show them after logging out."""

    async def send_uncached(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if is_data or headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return send_uncached
