"""Each page has the stylesheet from the first byte on."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from tests.unit.web.asgi import Browser
from vpo_monitor.web.page_style import PageStyle, style_handler
from vpo_monitor.web.paths import Paths
from vpo_monitor.web.responses import Endpoint

PAGE = f"<html><body><main>{'x' * 2000}</main></body></html>"


def browser(base: str = "", css: str = "p { margin: 0 }") -> Browser:
    """A page that is compressed and dated, as Streamlit's is."""
    paths = Paths(base)
    page = HTMLResponse(PAGE, headers={"ETag": '"file"', "Last-Modified": "yesterday"})
    return Browser(
        Starlette(
            routes=[
                Route(paths.url("/jobs"), page),
                Route(paths.url("/media/a.html"), page),
                Route(paths.url("/data"), JSONResponse({"html": "</body>"})),
                Route(paths.url("/style.css"), Endpoint(get=style_handler(css))),
            ],
            middleware=[Middleware(PageStyle, paths=paths, css=css), Middleware(GZipMiddleware)],
        )
    )


def link(page: bytes) -> str:
    found = re.search('<link rel="stylesheet" href="([^"]+)"></body>', page.decode())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("base", ["", "vpo"])
def test_a_page_links_to_the_stylesheet(base: str) -> None:
    one = browser(base)
    page = one.get(Paths(base).url("/jobs"), accept_encoding="gzip", if_none_match='"file"')
    style = one.get(link(page.body))
    assert style.body == b"p { margin: 0 }"
    assert style.headers["content-type"].startswith("text/css")


def test_a_browser_never_keeps_a_page_with_an_older_stylesheet() -> None:
    page = browser().get("/jobs")
    assert not {"etag", "last-modified"} & set(page.headers)
    assert link(page.body) != link(browser(css="p { margin: 1px }").get("/jobs").body)


@pytest.mark.parametrize("path", ["/media/a.html", "/data"])
def test_nothing_else_is_changed(path: str) -> None:
    assert b"stylesheet" not in browser().get(path).body
