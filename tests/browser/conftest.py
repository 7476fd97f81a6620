"""What all browser tests share: one Chromium per worker, and a new app for each test.

The tests of a worker share one browser context, so that it loads Streamlit's files once, and one
port for their apps, as what is cached belongs to an address. Nothing else outlives a test.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    ViewportSize,
    WebSocket,
    expect,
    sync_playwright,
)

from bench.chromium import FLAGS
from bench.running_app import free_port, is_free
from tests import running_app as app_process
from tests.vpo_server import VpoServer, start

VIEWPORT = ViewportSize(width=1280, height=900)
# No page lives long enough to be worth optimizing its code for.
_FLAGS = [
    *FLAGS,
    "--js-flags=--no-maglev --no-turbofan",
    "--disable-component-update",
    "--no-first-run",
]
PATIENCE = 15.0
"""Seconds; tests share two cores. How soon things happen is measured by `make bench`."""
expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=_FLAGS
        )
        yield chromium
        chromium.close()


_APP_PORT = free_port()
"""Of this worker's apps, while no other app of the same test has it."""


@contextlib.contextmanager
def _context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=VIEWPORT, bypass_csp=True)  # waits are evaluated
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def shared_context(browser: Browser) -> Iterator[BrowserContext]:
    with _context(browser) as context:
        yield context


@pytest.fixture(scope="session")
def _shared_tab(shared_context: BrowserContext) -> Page:
    return shared_context.new_page()


@pytest.fixture
def page(shared_context: BrowserContext, _shared_tab: Page) -> Iterator[Page]:
    """The tab of this worker, as it was when new; the browser has cached the app's files.

    A test that adds scripts or listeners, or closes its tab, takes `own_page`.
    """
    page = _shared_tab
    yield page
    _forget_tab(page)
    page.goto("about:blank")
    page.set_viewport_size(VIEWPORT)
    page.emulate_media(color_scheme="null")
    _tidy(shared_context, keep=page)


@pytest.fixture
def own_page(shared_context: BrowserContext, _shared_tab: Page) -> Iterator[Page]:
    """A new tab of the same browser, closed after the test."""
    yield shared_context.new_page()
    _tidy(shared_context, keep=_shared_tab)


@pytest.fixture
def clocked_page(browser: Browser) -> Iterator[Page]:
    """The tab of a new browser whose clock a test can move: timers that are due then fire.

    Pages of a context share its clock, also those that are opened later.
    """
    with _context(browser) as context:
        context.clock.install()
        yield context.new_page()


def _forget_tab(page: Page) -> None:
    """Clear what belongs to the tab, not to the origin."""
    if page.url.startswith("http"):
        with contextlib.suppress(Error):  # a test may have closed the storage
            page.evaluate("() => sessionStorage.clear()")


def _tidy(context: BrowserContext, *, keep: Page) -> None:
    for tab in context.pages:
        if tab is not keep:
            tab.close()
    session = context.new_cdp_session(keep)
    origin = f"http://127.0.0.1:{_APP_PORT}"
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    session.detach()
    context.clear_cookies()
    context.clear_permissions()


@pytest.fixture
def server() -> Iterator[VpoServer]:
    """A VPO server without a worker: the test decides what happens."""
    with start(worker=False, history=30, seed=1, rate_limit=None) as running:
        yield running


@contextlib.contextmanager
def running_app(port: int | None = None, /, **settings: str) -> Iterator[str]:
    """The app in a process of its own, which asks VPO as often as it likes; gives its address."""
    settings = {"AMPLE_BUDGET": "1", **settings}
    port = port or (_APP_PORT if is_free(_APP_PORT) else free_port())
    with app_process.running_app(port, **settings) as used:
        yield app_process.url_of(used, settings)


@contextlib.contextmanager
def shared_app(**settings: str) -> Iterator[str]:
    """The app as `make share` starts it; gives its address."""
    with app_process.shared_app(**settings) as used:
        yield app_process.url_of(used, settings)


def list_servers(home: Path, servers: Mapping[str, VpoServer]) -> None:
    """Write the list of servers into the secrets in a home folder."""
    (home / ".streamlit").mkdir()
    entries = [
        f'[[vpo_monitor.servers]]\nname = "{name}"\naddress = "{server.url}"\n'
        for name, server in servers.items()
    ]
    (home / ".streamlit" / "secrets.toml").write_text("".join(entries), "utf-8")


@pytest.fixture
def app(server: VpoServer) -> Iterator[str]:
    """The address of an app that watches the server every 2 s."""
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as url:
        yield url


Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def eventually(page: Page) -> Eventually:
    """Waits until something is true, as patiently as `expect`."""

    def wait(condition: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up_at, f"not true within {PATIENCE:g} s"
            page.wait_for_timeout(50)

    return wait


def messages_to_app(page: Page) -> list[str | bytes]:
    """Collect what the page sends to the app, from its next address on."""
    sent: list[str | bytes] = []

    def note(message: str | bytes) -> None:
        sent.append(message)

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", note)

    page.on("websocket", watch)
    return sent


def expect_silence(page: Page, sent: list[str | bytes]) -> None:
    """Expect that the page sends nothing for ten minutes of its clock."""
    sent.clear()
    page.clock.fast_forward("10:00")
    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    assert sent == []


# The badge of a page that is shown. What the page holds can be read before, but takes no focus.
BADGE = "body:has(.st-key-page[data-shown]) .st-key-connection .badge"


def wait_until_heard(page: Page, eventually: Eventually) -> None:
    """Wait for the script that listens for keys: it comes after what it is about."""
    expect(page.locator(BADGE)).to_be_visible()
    opener = page.get_by_role("button", name="Shortcuts")
    eventually(lambda: opener.evaluate("it => it.onclick !== null"))


_TWO_FRAMES = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
)
GRID = ".st-key-jobs-table"
_ROW_HEIGHT = 35


def point_at_row(page: Page, row: int, *, across: int = 180) -> tuple[float, float]:
    """Rest the pointer on a row of the job table, the header being row -1, as a person does."""
    box = page.locator(f"{GRID} canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + across, box["y"] + _ROW_HEIGHT * (row + 1) + _ROW_HEIGHT / 2
    page.mouse.move(x, y, steps=5)  # the grid takes no press before it has seen the pointer
    page.evaluate(_TWO_FRAMES)  # and has drawn the row under it
    return x, y


def status_tab(page: Page, name: str) -> Locator:
    """Return the tab of the job list that shows the jobs of a status, or *All*."""
    return page.locator(".st-key-status-tabs").get_by_role("link", name=name)


def expect_status(page: Page, name: str) -> None:
    """Expect that this tab of the job list is the current one."""
    expect(status_tab(page, name)).to_have_attribute("aria-current", "page")


def click_row(page: Page, row: int) -> None:
    """Click the file name in a row of the job table of a page that is live."""
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    page.mouse.click(*point_at_row(page, row))
