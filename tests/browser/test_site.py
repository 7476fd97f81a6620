"""The site of the documents, as `make docs` builds it."""

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

_ROOT = Path(__file__).parents[2]
_PAGES = (
    "reference/configuration",
    "reference/error-messages",
    "contribute/architecture",
    "contribute/faults",
    "contribute/setup",
)
_SCREENS = (ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, built anew."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", f"--site-dir={folder}"]
    subprocess.run(build, cwd=_ROOT, check=True, capture_output=True)
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the page asks for."""
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    return addresses


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the browser complains of, such as something that the site's policy refuses."""
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    return complaints


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "name", ["index", *(pytest.param(name, marks=pytest.mark.long) for name in _PAGES)]
)
def test_a_page_asks_nobody_else_and_fits_the_screen(
    page: Page, site: str, asked: list[str], said: list[str], name: str
) -> None:
    for screen in _SCREENS:
        page.set_viewport_size(screen)
        page.goto(f"{site}/{name}.html", wait_until="networkidle")
        expect(page.locator("h1")).to_be_visible()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= screen["width"]
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
    assert said == []


def test_search_finds_a_sentence_of_the_screen(page: Page, site: str, said: list[str]) -> None:
    page.goto(f"{site}/index.html")
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("requires a valid token")  # it searches when keys are let go
    found = page.locator(".md-search-result__link").filter(has_text="Error messages").first
    expect(found).to_be_visible()
    assert said == []
