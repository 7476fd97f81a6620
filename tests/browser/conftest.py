import contextlib
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.chromium import FLAGS
from bench.running_app import free_port
from vpo_monitor.demo import DemoServer, start

_ROOT = Path(__file__).parents[2]
_FLAGS = [*FLAGS, "--disable-component-update", "--no-first-run"]
_STARTUP_ATTEMPTS = 300
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
    port = port or free_port()
    command = ["streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"]
    with _running(command, port, settings) as url:
        yield url


@contextlib.contextmanager
def shared_app(**settings: str) -> Iterator[str]:
    """The app as `make share` starts it, but on an address that every machine has."""
    port = free_port()
    command = ["vpo_monitor.share", "--address=127.0.0.1", f"--port={port}"]
    with _running(command, port, settings) as url:
        yield url


@contextlib.contextmanager
def _running(command: list[str], port: int, settings: dict[str, str]) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=_ROOT,
        env={
            **os.environ,
            "VPO_MONITOR_HISTORY": "off",
            "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
            **settings,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    below = settings.get("STREAMLIT_SERVER_BASE_URL_PATH")
    url = f"http://127.0.0.1:{port}" + (f"/{below}" if below else "")
    try:
        _wait_until_up(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


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


def _wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(_STARTUP_ATTEMPTS):
        assert process.poll() is None, "the app ended by itself"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5):  # noqa: S310 - our own
                return
        except (URLError, ConnectionError):
            process_wait(process)
    raise AssertionError("the app does not answer")


def process_wait(process: "subprocess.Popen[bytes]") -> None:
    """Give the app a tenth of a second, or less if it ends."""
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return


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
    expect(page.locator(".st-key-connection")).to_contain_text(re.compile("Live|Quiet"))
    page.mouse.click(*point_at_row(page, row))
