"""Whether a page stays empty after a page change: `python -m bench.page_changes CHROMIUM`.

A browser with its CPU slowed down four times goes from page to page by the menu, at an interval of
2 s, so that many changes meet a tick of the page that was left.
"""

import argparse
import sys
from random import Random

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as WaitTimeoutError

from bench.running_app import started
from tests.vpo_server import start

_PAGES = ("Overview", "Jobs", "Timeline", "Statistics", "Server")
_THROTTLED = 4
_PATIENCE = 20_000  # milliseconds until a page counts as empty
_MOST_WAIT = 900  # milliseconds on a page


def change_pages(page: Page, url: str, times: int) -> int:
    """Go from page to page; return how many stayed empty. Those are reloaded."""
    random, here, empty = Random(1), _PAGES[0], 0
    page.goto(f"{url}/?interval=2")
    for number in range(times):
        here = random.choice([one for one in _PAGES if one != here])
        page.locator("section[data-testid=stSidebar]").get_by_role("link", name=here).click()
        try:
            page.get_by_role("heading", name=here, level=1).wait_for(timeout=_PATIENCE)
            page.locator(".st-key-page[data-shown]").wait_for(timeout=_PATIENCE)
        except WaitTimeoutError:
            text = page.locator(".st-key-page").all_inner_texts()
            empty += not any(text)
            print(f"change {number}: {here} is late; it shows {len(''.join(text))} characters")
            page.reload()
        page.wait_for_timeout(random.randrange(_MOST_WAIT))
    return empty


def main() -> None:
    """Print the number of empty pages; exit with 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chromium")
    parser.add_argument("--times", type=int, default=500)
    options = parser.parse_args()
    with (
        start(rate_limit=None) as server,
        started(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
        page.context.new_cdp_session(page).send(
            "Emulation.setCPUThrottlingRate", {"rate": _THROTTLED}
        )
        empty = change_pages(page, app.url, options.times)
    print(f"{empty} of {options.times} pages stayed empty")
    sys.exit(1 if empty else 0)


if __name__ == "__main__":
    main()
