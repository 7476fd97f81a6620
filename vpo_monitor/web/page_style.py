"""What all pages have before the first element is drawn: the stylesheet, and links in the head.

A style that a page's script draws arrives half a second later, and the page would jump.
"""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vpo_monitor.web.paths import STYLE, Paths, is_page
from vpo_monitor.web.responses import Handler, fixed

_HEAD_END, _END = b"</head>", b"</body>"
_DROPPED = ("accept-encoding", "if-none-match", "if-modified-since")
_OF_THE_FILE = ("etag", "last-modified", "accept-ranges")
_IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable"}


class PageStyle:
    """Adds a link to the stylesheet to each HTML page, last, so that it overrides Streamlit's.

    `head` is HTML for the end of the page's head.
    """

    def __init__(self, app: ASGIApp, *, paths: Paths, css: str, head: str = "") -> None:
        self._app = app
        self._paths = paths
        version = hashlib.sha256(css.encode()).hexdigest()[:12]
        self._link = f'<link rel="stylesheet" href="{paths.url(STYLE)}?v={version}">'.encode()
        self._head = head.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; a page is held back until it is complete."""
        path = self._paths.inside(scope["path"]) if scope["type"] == "http" else None
        if path is None or scope["method"] != "GET" or not is_page(path):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def add_link(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if message.get("more_body", False):
                    return
                page = bytes(body).replace(_HEAD_END, self._head + _HEAD_END, 1)
                page = page.replace(_END, self._link + _END, 1)
                headers = MutableHeaders(scope=start)
                headers["Content-Length"] = str(len(page))
                for name in _OF_THE_FILE:
                    del headers[name]
                await send(start)
                await send({"type": "http.response.body", "body": page})

        await self._app(_plain(scope), receive, add_link)


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    is_html = headers.get("content-type", "").startswith("text/html")
    return bool(start["status"] == 200 and is_html and "content-encoding" not in headers)  # noqa: PLR2004


def _plain(scope: Scope) -> Scope:
    """The same request for the whole page, as it is."""
    headers = [one for one in scope["headers"] if one[0].decode("latin-1") not in _DROPPED]
    return {**scope, "headers": headers}


def style_handler(css: str) -> Handler:
    """Return a handler that serves the stylesheet. Its link has a version, so it may be kept."""
    return fixed(css, "text/css", _IMMUTABLE)
