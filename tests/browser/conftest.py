import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.chromium import FLAGS
from tests import running_app as app_process
from vpo_monitor.demo import DemoServer, start

_FLAGS = [*FLAGS, "--disable-component-update", "--no-first-run"]
expect.set_options(timeout=15_000)  # several tests share two cores; a promise has its own limit


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=_FLAGS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """A VPO server without a worker: the test decides what happens."""
    with start(worker=False, history=30, seed=1, rate_limit=None) as running:
        yield running


@contextlib.contextmanager
def running_app(port: int | None = None, /, **settings: str) -> Iterator[str]:
    """The app in a process of its own; gives its address."""
    with app_process.running_app(port, **settings) as used:
        yield app_process.url_of(used, settings)


@contextlib.contextmanager
def shared_app(**settings: str) -> Iterator[str]:
    """The app as `make share` starts it; gives its address."""
    with app_process.shared_app(**settings) as used:
        yield app_process.url_of(used, settings)


def list_servers(home: Path, servers: Mapping[str, DemoServer]) -> None:
    """Write the list of servers into the secrets in a home folder."""
    (home / ".streamlit").mkdir()
    entries = [
        f'[[vpo_monitor.servers]]\nname = "{name}"\naddress = "{server.url}"\n'
        for name, server in servers.items()
    ]
    (home / ".streamlit" / "secrets.toml").write_text("".join(entries), "utf-8")


@pytest.fixture
def app(server: DemoServer) -> Iterator[str]:
    """The address of an app that watches the server every 2 s."""
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def eventually(page: Page) -> Callable[[Callable[[], bool], float], float]:
    """Waits until something is true, and returns the seconds that it took."""

    def wait(condition: Callable[[], bool], limit: float) -> float:
        step = 0.05
        for count in range(int(limit / step) + 1):
            if condition():
                return count * step
            page.wait_for_timeout(step * 1000)
        raise AssertionError(f"not true within {limit} s")

    return wait


# The badge of a page that is shown. What the page holds can be read before, but takes no focus.
BADGE = ".stMain[data-told] .st-key-connection"


def wait_until_heard(page: Page, eventually: Callable[[Callable[[], bool], float], float]) -> None:
    """Wait for the script that listens for keys: it comes after what it is about."""
    expect(page.locator(BADGE)).to_be_visible()
    opener = page.get_by_role("button", name="Keys")
    eventually(lambda: opener.evaluate("it => it.onclick !== null"), 15)


GRID = ".st-key-jobs-table"
_ROW_HEIGHT = 35


def point_at_row(page: Page, row: int, *, across: int = 250) -> tuple[float, float]:
    """Rest the pointer on a row of the job table, the header being row -1, as a person does."""
    box = page.locator(f"{GRID} canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + across, box["y"] + _ROW_HEIGHT * (row + 1) + _ROW_HEIGHT / 2
    page.mouse.move(x, y, steps=5)  # the grid takes no press before it has seen the pointer
    page.wait_for_timeout(100)  # a hand rests before it presses
    return x, y


def click_row(page: Page, row: int) -> None:
    """Click into a row of the job table of a page that is live."""
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Quiet"))
    page.mouse.click(*point_at_row(page, row))
