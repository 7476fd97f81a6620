"""What a page that is opened does not do: jump while it is put together.

Measured is how far what is on screen moves, as browsers count it ("layout shift"), from the first
frame with anything in it. Until then the page is blank, and Streamlit makes room for the menu.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.vpo_server import start

from .conftest import BADGE, running_app

PAGES = ("", "jobs", "job?id={job}", "timeline", "statistics", "library", "server")
GOOD = 0.1  # what the field takes for good: https://web.dev/articles/cls
_WATCH = """
window.shifts = [];
let begun, shown = Infinity;
const look = () => {
  if (begun) shown = performance.now();  // the frame before had it
  else begun = document.querySelector(".stApp :is(h1, h2, h3)");
  if (shown === Infinity) requestAnimationFrame(look);
};
requestAnimationFrame(look);
const named = (node) => node?.closest?.("[class*=st-key]")?.className ?? node?.dataset?.testid;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.startTime >= shown && !entry.hadRecentInput)
      window.shifts.push([entry.value, entry.sources.map(({ node }) => String(named(node)))]);
}).observe({ type: "layout-shift", buffered: true });
"""
# Where each thing that can be pressed was when the page was shown, and where it is now; but for
# links, as jobs come and go.
_WATCH_PRESSED = """
const CAN_BE_PRESSED = ":is(.st-key-page, .st-key-status-bar) :is(button, input, summary)";
const topOf = (it) => Math.round(it.getBoundingClientRect().top);
const note = () => {
  if (!document.querySelector(".st-key-page[data-shown]")) return requestAnimationFrame(note);
  window.pressed = [...document.querySelectorAll(CAN_BE_PRESSED)]
    .map((it) => [it, topOf(it)]).filter(([, top]) => top > 0 && top < innerHeight);
};
requestAnimationFrame(note);
window.moved = () => window.pressed
  .filter(([it, top]) => it.checkVisibility() && Math.abs(topOf(it) - top) > 1)
  .map(([it, top]) => [it.textContent, top, topOf(it)]);
"""
# In two frames on end nothing stands for what is still being loaded.
_IS_COMPLETE = """() => {
  const isLoading = !!document.querySelector("[data-testid=stSkeleton]");
  window.calm = isLoading ? 0 : (window.calm ?? 0) + 1;
  return window.calm > 2;
}"""


@pytest.fixture(scope="module", params=["server", "demo"])
def app(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an app with its demo, or with a server that is set and has nothing to do."""
    if request.param == "demo":
        with running_app() as url:
            yield url
        return
    with (
        start(worker=False, history=30, seed=1, rate_limit=None) as vpo,
        running_app(VPO_MONITOR_API_URL=vpo.url) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def job(app: str, browser: Browser) -> str:
    """The id of a job that has failed; whatever the pages show has been asked for by then."""
    with browser.new_page(bypass_csp=True) as page:
        for path in ("statistics", "timeline"):
            page.goto(f"{app}/{path}")
            expect(page.locator("[data-testid=stExpander], details").first).to_be_visible()
        page.goto(app)
        address = page.locator(".st-key-latest-failures a").first.get_attribute("href")
        page.goto(f"{app}{address}")  # else the list's facts are shown until its own are known
        expect(page.locator(BADGE)).to_contain_text("Failed")
    found = re.search("id=(.+)", address or "")
    assert found is not None
    return found[1]


def complete_pages(page: Page, app: str, job: str) -> Iterator[str]:
    """Open each page as if never seen before; gives its path when it is shown and complete."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    for path in PAGES:
        page.goto(f"{app}/{path.format(job=job)}")
        expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle|Fini|Failed"))
        page.wait_for_function(_IS_COMPLETE, polling="raf")
        yield path


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_page_does_not_jump_while_it_loads_nor_do_its_controls_once_it_is_shown(
    width: int, height: int, app: str, job: str, own_page: Page
) -> None:
    page = own_page
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(_WATCH)
    page.add_init_script(_WATCH_PRESSED)
    for path in complete_pages(page, app, job):
        shifts = page.evaluate("window.shifts")
        assert sum(value for value, _ in shifts) < GOOD, (path, shifts)
        assert page.evaluate("window.pressed.length") > 1
        assert page.evaluate("window.moved()") == [], path


@pytest.mark.long
def test_a_page_is_shown_also_where_its_badge_is_told_nothing(app: str, own_page: Page) -> None:
    page = own_page
    page.add_init_script(
        "Object.defineProperty(window, 'vpoStatus', { set() { throw new Error('broken'); } })"
    )
    page.goto(f"{app}/jobs")
    expect(page.locator(".st-key-filters")).to_be_visible()
    expect(page.locator(".st-key-page")).not_to_have_attribute("data-shown", "")
