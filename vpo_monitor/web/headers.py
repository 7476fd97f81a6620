"""Security headers on every response, and no response to unknown host names."""

import base64
import gzip
import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vpo_monitor.web.hosts import AllowedHosts
from vpo_monitor.web.paths import COMPONENT, HEALTH, MEDIA, Paths
from vpo_monitor.web.responses import refusal, refuse

_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob:",  # scripts of components.v2 are loaded from blobs
    "style-src": "'self' 'unsafe-inline'",  # Streamlit's UI library adds styles at run time
    "font-src": "'self' data:",  # of math and table symbols
    "img-src": "'self' data:",  # the icon of the tab, and others within styles
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_DOCUMENTS = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
"""What browsers show as a page of its own, and run scripts in."""
_HOST = re.compile(r"[\w.:\[\]-]{1,255}\Z", re.ASCII)
_INLINE_SCRIPT = re.compile(
    rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
_MAX_PAGE = 262_144
"""Bytes of a page in which inline scripts are looked for. Streamlit's has 10 kB."""


class SecurityHeaders:
    """Adds a content security policy to documents, and short headers to everything.

    The policy allows the scripts of this app, of components.v2, and those that stand in a page that
    the app serves: no page contains text from VPO or a viewer. No other site may frame the app.
    Components are framed by the app itself.
    """

    def __init__(self, app: ASGIApp, *, paths: Paths, hosts: AllowedHosts) -> None:
        self._app = app
        self._paths = paths
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with the headers, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = self._paths.inside(scope["path"]) or ""
        host = Headers(scope=scope).get("host")
        if path != HEALTH and not self._hosts.allow(host):
            await refuse(scope, receive, send, refusal("Unknown host name.", 400))
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _Sender(send, host or "", path).send)


class _Sender:
    """Adds the headers to one response. A page is held back until its inline scripts are known."""

    def __init__(self, send: Send, host: str, path: str) -> None:
        self._send = send
        self._host = host
        self._is_framed = path.startswith(COMPONENT)
        self._is_data = path.startswith(MEDIA)
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        """Send a message on, sooner or later."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            kind = headers.get("content-type", "").partition(";")[0]
            if kind not in _DOCUMENTS or "content-security-policy" in headers:
                await self._send(message)
            else:
                self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            await self._hold(message)

    async def _hold(self, message: Message) -> None:
        self._body += message.get("body", b"")
        is_complete = not message.get("more_body", False)
        if not is_complete and len(self._body) <= _MAX_PAGE:
            return
        start, self._start = self._start, None
        if start is None:
            return
        headers = MutableHeaders(scope=start)
        has_scripts = is_complete and not self._is_data
        scripts = self._inline_scripts(headers.get("content-encoding")) if has_scripts else []
        headers["Content-Security-Policy"] = self._policy(scripts)
        await self._send(start)
        await self._send({**message, "body": bytes(self._body)})

    def _inline_scripts(self, encoding: str | None) -> list[str]:
        body = bytes(self._body)
        if encoding == "gzip":
            body = gzip.decompress(body)
        return [
            f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
            for script in _INLINE_SCRIPT.findall(body)
        ]

    def _policy(self, scripts: list[str]) -> str:
        policy = dict(_POLICY)
        policy["script-src"] = " ".join([policy["script-src"], *scripts])
        if _HOST.match(self._host):  # older Safari doesn't count WebSockets to the same host
            policy["connect-src"] += f" ws://{self._host} wss://{self._host}"
        if self._is_framed:
            policy["frame-ancestors"] = "'self'"
        return "; ".join(f"{name} {sources}" for name, sources in policy.items())
