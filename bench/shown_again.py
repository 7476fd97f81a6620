"""How soon a hidden tab that is shown again has fresh data.

Run from the project's folder: `.venv/bin/python -m bench.shown_again /usr/bin/chromium`.
"""

import sys
import time

from playwright.sync_api import sync_playwright

from bench.chromium import FLAGS
from bench.figures import Figure, table
from bench.running_app import started
from tests.vpo_server import start

_TIMES = 5
_LIMIT = 1.0
_TOO_OLD = 4000
"""Milliseconds; data of the last 3 s is shown to a returning viewer as it is."""
_COMMAND = "python -m bench.shown_again CHROMIUM"
# The timer's frame has a document of its own; none of ours if it could not be loaded.
SHOW = """(state) => {
  const documents = [document];
  for (const frame of document.querySelectorAll("iframe"))
    if (frame.contentDocument) documents.push(frame.contentDocument);
  for (const target of documents) {
    Object.defineProperty(target, "visibilityState", { value: state, configurable: true });
    target.dispatchEvent(new Event("visibilitychange"));
  }
}"""
"""Makes a page take itself for `hidden` or `visible`, as Playwright cannot hide a tab."""


def measure(chromium: str) -> list[Figure]:
    """The median of seconds from the moment when a tab is shown to a new job in its table."""
    times = []
    with (
        start(worker=False, history=0, rate_limit=None) as server,
        started(VPO_MONITOR_API_URL=server.url) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(bypass_csp=True)
        page.goto(f"{app.url}/jobs?interval=60")
        page.locator(".st-key-page[data-shown]").wait_for()
        for turn in range(_TIMES):
            page.evaluate(SHOW, "hidden")
            page.wait_for_timeout(_TOO_OLD)
            server.store.add_job(job_type="move", status="queued", file_path=f"/srv/{turn}.mkv")
            begun = time.monotonic()
            page.evaluate(SHOW, "visible")
            page.locator(".st-key-jobs-table", has_text=f"{turn}.mkv").wait_for()
            times.append(time.monotonic() - begun)
        browser.close()
    median = sorted(times)[_TIMES // 2]
    return [Figure("a tab shown again to fresh data", median, None, "s", _LIMIT, _COMMAND)]


if __name__ == "__main__":
    print(table(measure(sys.argv[1])))
