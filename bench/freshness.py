"""Measure how long a change in the server takes to be on the screen of 10 viewers.

Run from the project's folder: `.venv/bin/python -m bench.freshness /usr/bin/chromium`
"""

import random
import statistics
import sys
import time

from playwright.sync_api import Browser, Error, Page, sync_playwright

from bench.running_app import running_app
from vpo_monitor.demo import DemoServer, start

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-sync",
]
_VIEWERS = 10
_CHANGES = {2: 12, 5: 8, 10: 6, 30: 3, 60: 3}
"""How many changes to watch at each interval in seconds."""

# Runs in the page: notes when each file is first in the table's text, by the clock of the machine.
_NOTE = """() => {
  window.seen = {};
  const look = () => {
    for (const cell of document.querySelectorAll('.st-key-jobs-table [role="gridcell"]')) {
      const name = /change-\\d+-\\d+/.exec(cell.textContent);
      if (name) window.seen[name[0]] ??= Date.now() / 1000;
    }
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true });
}"""


def main(chromium: str) -> None:
    """Print one line for each interval."""
    chance = random.Random(1)
    with (
        start(seed=1, worker=False, rate_limit=None) as server,
        running_app(VPO_MONITOR_API_URL=server.url) as port,
        sync_playwright() as playwright,
    ):
        server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        for interval, changes in _CHANGES.items():
            pages = _open_pages(browser, port, interval, chance)
            delays = _delays(pages, server, interval, changes, chance)
            delays.sort()
            print(
                f"every {interval} s: {len(delays)} of {changes * _VIEWERS} seen, "
                f"p50 {statistics.median(delays):.2f} s, "
                f"p95 {delays[int(len(delays) * 0.95)]:.2f} s, worst {delays[-1]:.2f} s",
                flush=True,
            )
            for page in pages:
                page.context.close()
        browser.close()


def _open_pages(browser: Browser, port: int, interval: int, chance: random.Random) -> list[Page]:
    pages = []
    for _ in range(_VIEWERS):
        page = browser.new_context().new_page()
        _goto(page, f"http://127.0.0.1:{port}/jobs?search=change&interval={interval}")
        page.evaluate(_NOTE)
        page.wait_for_timeout(chance.random() * min(interval, 5) * 1000)
        pages.append(page)
    return pages


def _goto(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".st-key-connection b:has-text('Live')")


def _delays(
    pages: list[Page], server: DemoServer, interval: int, changes: int, chance: random.Random
) -> list[float]:
    made: dict[str, float] = {}
    for number in range(changes):
        name = f"change-{interval}-{number}"
        made[name] = time.time()
        server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/{name}.mkv")
        pages[0].wait_for_timeout((interval + 1.5 + chance.random() * interval / 2) * 1000)
    delays = []
    for page in pages:
        try:
            seen = page.evaluate("window.seen")
        except Error:
            continue
        delays += [seen[name] - at for name, at in made.items() if name in seen]
    return delays


if __name__ == "__main__":
    main(sys.argv[1])
