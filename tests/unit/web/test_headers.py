"""The security headers, and the host names by which the app may be opened."""

import asyncio
import base64
import gzip
import hashlib
import logging
from collections.abc import AsyncIterator, Mapping

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.unit.web.asgi import Browser, Socket
from tests.unit.web.stand_in import StandIn, browser_of, layer_with, log_in, open_layer
from vpo_monitor.web.headers import SecurityHeaders
from vpo_monitor.web.hosts import AllowedHosts
from vpo_monitor.web.layer import ServerOptions
from vpo_monitor.web.paths import Paths

LOCAL = ("localhost", "127.0.0.1", "::1")
SCRIPT = "window.ready = false\n"
PAGE = (
    '<script src="./x.js"></script><script type="module" crossorigin src="y"></script>'
    f"<script>{SCRIPT}</script>" + "<p>page</p>" * 100
)


def source_of(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def policy_of(headers: Mapping[str, str]) -> dict[str, str]:
    text = headers["content-security-policy"]
    return {name: rest for name, _, rest in (part.partition(" ") for part in text.split("; "))}


@pytest.fixture
def browser() -> Browser:
    async def page(_request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def stream(_request: Request) -> Response:
        async def parts() -> AsyncIterator[str]:
            for start in range(0, len(PAGE), 100):
                yield PAGE[start : start + 100]

        return StreamingResponse(parts(), media_type="text/html")

    async def large(_request: Request) -> Response:
        async def parts() -> AsyncIterator[str]:
            for _ in range(10):
                yield "x" * 100_000

        return StreamingResponse(parts(), media_type="text/html")

    async def text(_request: Request) -> Response:
        return PlainTextResponse("text")

    async def image(_request: Request) -> Response:
        return Response("<svg><script>x</script></svg>", media_type="image/svg+xml")

    return Browser(
        Starlette(
            routes=[
                Route("/page", page),
                Route("/stream", stream),
                Route("/large", large),
                Route("/text", text),
                Route("/image", image),
                Route("/component/x/index.html", page),
                Route("/media/x.html", page),
            ],
            middleware=[
                Middleware(SecurityHeaders, paths=Paths(), hosts=AllowedHosts(LOCAL)),
                Middleware(GZipMiddleware),
            ],
        )
    )


@pytest.mark.parametrize("path", ["/page", "/stream"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_page_may_run_the_scripts_that_stand_in_it_and_no_others(
    path: str, encoding: str, browser: Browser
) -> None:
    answer = browser.get(path, accept_encoding=encoding)
    body = gzip.decompress(answer.body) if encoding == "gzip" else answer.body
    assert body.decode() == PAGE
    policy = policy_of(answer.headers)
    assert policy["script-src"] == f"'self' blob: {source_of(SCRIPT)}"
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self' ws://localhost:8501 wss://localhost:8501"


def test_a_component_is_framed_by_the_app_and_by_nobody_else(browser: Browser) -> None:
    policy = policy_of(browser.get("/component/x/index.html").headers)
    assert policy["frame-ancestors"] == "'self'"
    assert source_of(SCRIPT) in policy["script-src"]


def test_a_download_runs_nothing(browser: Browser) -> None:
    assert "sha256" not in policy_of(browser.get("/media/x.html").headers)["script-src"]


def test_an_image_that_can_hold_scripts_has_the_policy_too(browser: Browser) -> None:
    assert "frame-ancestors" in policy_of(browser.get("/image").headers)


def test_a_long_page_is_sent_on_without_waiting_for_its_end(browser: Browser) -> None:
    answer = browser.get("/large")
    assert len(answer.body) == 1_000_000
    assert "sha256" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/page", "/text", "/missing", "/image"])
def test_every_response_has_the_short_headers(path: str, browser: Browser) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert ("content-security-policy" in headers) is (path in ("/page", "/image"))


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", "a,b", "x" * 300])
def test_no_host_name_changes_the_policy(host: str) -> None:
    options = ServerOptions(allowed_hosts=(), allow_no_password=True)
    browser = browser_of(open_layer(options))
    browser.host = host
    assert policy_of(browser.get("/").headers)["connect-src"] == "'self'"


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        *((name, True) for name in ("localhost", "LOCALHOST:8501", "localhost.", "127.0.0.1:1")),
        *((name, True) for name in ("[::1]", "[::1]:8501", "a.house.example", "A.B.House.Example")),
        *((name, False) for name in ("", "evil.example", "house.example", "xhouse.example")),
        *((name, False) for name in ("localhost.evil.example", "evil.example#localhost", "::1")),
        *((name, False) for name in ("localhost@evil.example", "evil.example/localhost", "[")),
        *((name, False) for name in ("localhost:x", "localhost:99999", "x@localhost", "[::2]")),
    ],
)
def test_host_names_are_compared_exactly(host: str, *, is_allowed: bool) -> None:
    assert AllowedHosts((*LOCAL, "*.house.example")).allow(host) is is_allowed


def test_no_list_or_a_star_allows_all_but_only_no_list_allows_none() -> None:
    assert AllowedHosts(()).allow("evil.example")
    assert AllowedHosts(()).allow(None)
    assert AllowedHosts(("*",)).allow("evil.example")
    assert not AllowedHosts(LOCAL).allow(None)


def test_an_unknown_host_name_gets_a_line_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    stand_in = StandIn()
    browser = browser_of(layer_with(ServerOptions(allowed_hosts=LOCAL)), stand_in)
    log_in(browser)
    browser.host = "evil.example:8501"
    for path in ("/", "/login", "/session", "/metrics", "/static/js/x.js", "/_stcore/health"):
        answer = browser.get(path)
        assert (answer.status, answer.text) == (400, "Unknown host name.\n")
    assert log_in(browser).status == 400
    assert browser.get("/healthz").status == 200

    async def connect() -> None:
        socket = Socket(browser)
        assert (await socket.receive())["type"] == "websocket.close"

    asyncio.run(connect())
    assert not stand_in.served
    assert not stand_in.ended
    assert not caplog.messages
    browser.host = "localhost:8501"
    assert browser.get("/session").status == 204
