"""What a wall screen's rotation costs in memory: `python -m bench.rotation CHROMIUM`.

A browser goes through all pages, each as soon as the one before is complete. A row is printed for
every 24 pages. The exit status is 1 if app or page grew by more than the limits since all pages had
been shown twice, or if the browser's history grew.
"""

import argparse
import sys

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.chromium import FLAGS
from bench.measured_app import measured_app
from tests.vpo_server import start

_PAGES = ("overview", "timeline", "statistics", "library", "server", "jobs")
_WARM = 2 * len(_PAGES)
_EVERY = 4 * len(_PAGES)
"""Pages between two rows, which so are about the same one."""
_MOST_APP_GROWTH, _MOST_PAGE_GROWTH = 10.0, 10.0
"""MB"""
# As if the page's seconds had passed; then until the next one is complete.
_TURN = """async () => {
  const here = location.pathname, status = () => window.vpoStatus;
  const until = async (isSo) => { while (!isSo()) await new Promise(requestAnimationFrame); };
  await until(() => status()?.data?.rotation && status().turn?.page === status().data.page);
  status().turn.begun = 0;
  status().rotate();
  await until(() => location.pathname !== here);
  await until(() => document.querySelector("h1")?.textContent !== window.lastTitle &&
    document.querySelector(".st-key-page[data-shown]"));
  window.lastTitle = document.querySelector("h1").textContent;
}"""


def page_size(page: Page, chromium: CDPSession) -> tuple[float, int]:
    """Return the MB of the page's scripts after a garbage collection, and its DOM nodes."""
    page.wait_for_timeout(500)  # of what the last page has begun
    chromium.send("HeapProfiler.collectGarbage")
    got = {one["name"]: one["value"] for one in chromium.send("Performance.getMetrics")["metrics"]}
    return got["JSHeapUsedSize"] / 2**20, int(got["Nodes"])


def main() -> int:
    """Rotate, print a table, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chromium")
    parser.add_argument("--times", type=int, default=216)
    options = parser.parse_args()
    with (
        start(seed=1, rate_limit=None) as server,
        measured_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_HISTORY_JOBS="500") as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, bypass_csp=True)
        page.set_default_timeout(60_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        chromium = page.context.new_cdp_session(page)
        chromium.send("Performance.enable")
        page.goto(f"http://127.0.0.1:{app.port}/?kiosk=1&rotate={','.join(_PAGES)}")
        entries = page.evaluate("() => history.length")
        rows = []
        print("| Pages | MB of the app | MB of the page | DOM nodes |")
        for number in range(1, _WARM + options.times + 1):
            page.evaluate(_TURN)
            if number >= _WARM and (number - _WARM) % _EVERY == 0:
                megabytes, nodes = page_size(page, chromium)
                rows.append((app.measure().megabytes, megabytes))
                print(f"| {number} | {rows[-1][0]:.1f} | {megabytes:.1f} | {nodes} |", flush=True)
        grown = page.evaluate("() => history.length") - entries
        browser.close()
    app_growth, page_growth = (rows[-1][at] - rows[0][at] for at in (0, 1))
    print(
        f"The app has grown by {app_growth:.1f} MB, the page by {page_growth:.1f} MB, "
        f"the history by {grown} entries; {len(errors)} errors."
    )
    is_bad = app_growth > _MOST_APP_GROWTH or page_growth > _MOST_PAGE_GROWTH
    return int(is_bad or grown > 0 or bool(errors))


if __name__ == "__main__":
    sys.exit(main())
