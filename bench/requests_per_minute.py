"""Count the requests a minute that a VPO server receives from 1 and from 10 open tabs.

Run from the project's folder: `.venv/bin/python bench/requests_per_minute.py /usr/bin/chromium`
"""

import os
import socket
import subprocess
import sys
import time
from collections import Counter

from playwright.sync_api import Error, Page, sync_playwright

from vpo_monitor.demo import start

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
_SETTLE_SECONDS = 8
_MINUTE = 60


def main(chromium: str) -> None:
    """Print one line for each number of tabs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start(seed=1) as server, sync_playwright() as playwright:
        app = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
            env={**os.environ, "VPO_MONITOR_API_URL": server.url},
            stdout=subprocess.DEVNULL,
        )
        try:
            browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
            tabs = 0
            for wanted in (1, 10):
                while tabs < wanted:
                    page = browser.new_context().new_page()
                    _open(page, f"http://127.0.0.1:{port}/jobs")
                    tabs += 1
                page.wait_for_timeout(_SETTLE_SECONDS * 1000)
                begun = time.monotonic()
                page.wait_for_timeout(_MINUTE * 1000)
                paths = Counter(r.path for r in server.requests if r.at >= begun)
                print(f"{wanted} tabs: {sum(paths.values())} requests a minute, {dict(paths)}")
            browser.close()
        finally:
            app.terminate()
            app.wait()


def _open(page: Page, url: str) -> None:
    for _ in range(100):
        try:
            page.goto(url)
        except Error:
            page.wait_for_timeout(100)
        else:
            break
    page.wait_for_selector(".st-key-jobs-table canvas")


if __name__ == "__main__":
    main(sys.argv[1])
