"""Leave pages open in Chromium for half an hour while the server flaps, and see what they cost.

Run as `make soak`, or for a short look as `make soak MINUTES=2`.

Pages of desktop and phone size stay open, one after the other is hidden and shown again, and one
goes from page to page by the menu. A fault lasts 15 s; when all pages are live again, what moves on
them within 10 s is measured. A row is printed for each fault. The exit status is 1 where memory
grew by more than the limits after the warm-up (a fifth of the time, but at least three faults), a
page logged an error, did not come back within 60 s, or something moved on a page whose content
stays in its place.
"""

import argparse
import contextlib
import itertools
import sys
import time
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    CDPSession,
    ConsoleMessage,
    Page,
    sync_playwright,
)
from playwright.sync_api import (
    TimeoutError as PlaywrightTimeoutError,
)

from bench.chromium import FLAGS
from bench.flapping import FAULTS, beyond_a_line_a_change
from bench.measured_app import MeasuredApp, measured_app
from bench.shown_again import SHOW
from bench.soak import long_job
from tests.vpo_server import Fault, VpoServer, start

_DESKTOP, _PHONE = (1280, 900), (390, 844)
_FAULT_SECONDS, _CALM_SECONDS, _BACK_SECONDS = 15.0, 10.0, 60.0
_DRAWN_SECONDS = 6.0
"""More than an interval: a fault that a page takes for an answer is shown until the next one."""
_WARM_SHARE, _WARM_FAULTS = 0.2, 3
_MOST_APP_GROWTH, _MOST_PAGE_GROWTH = 10.0, 10.0
"""MB"""
_MOST_MOVED = 0.001
"""By Chromium's measure; what follows the badge's word moves by less when the word changes."""
_BADGE = ".st-key-connection"
_CALM = ("Live", "Idle", "Finished")
_WELL = (*_CALM, "Slow")
"""Slow is a page that waits for its part of the requests a minute."""

# Adds up what moved without the viewer's doing; Chromium's own measure, 0 where nothing did.
_WATCH = """() => {
  window.shift = 0;
  window.movers = [];
  const place = (rect) => [rect.x, rect.y, rect.width, rect.height].map(Math.round).join(" ");
  const name = ({ node }) => {
    const element = node?.nodeType === 3 ? node.parentElement : node;
    const named = element?.closest?.("[class*=st-key-], [data-testid]");
    return `${named?.className || named?.dataset.testid || node?.nodeName}`;
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shift += entry.value;
      for (const source of entry.sources)
        window.movers.push(
          `${entry.value.toFixed(3)} ${name(source)}: ` +
          `${place(source.previousRect)} -> ${place(source.currentRect)}`);
    }
  }).observe({ type: "layout-shift" });
}"""


@dataclass
class Tab:
    """An open page, and the errors that it logged since it was there.

    `stays` says that its content keeps its place: on other pages jobs come and go.
    """

    name: str
    page: Page
    chromium: CDPSession
    stays: bool
    errors: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        """What the badge says; nothing where there is none."""
        return "".join(self.page.locator(f"{_BADGE} b").all_text_contents())

    def try_now(self) -> None:
        """Press the button that a page in trouble has: once, as each press costs requests."""
        retry = self.page.get_by_role("button", name="Retry now")
        if retry.is_visible():
            with contextlib.suppress(PlaywrightTimeoutError):  # the page may be well by now
                retry.click(timeout=1000)

    def is_well(self) -> bool:
        """Whether the page is live."""
        return self.word in _WELL

    def show(self, state: str) -> None:
        """Have the tab say that it is `hidden` or `visible`."""
        self.page.evaluate(SHOW, state)

    def megabytes(self) -> float:
        """What its scripts hold after a garbage collection."""
        self.chromium.send("HeapProfiler.collectGarbage")
        got = self.chromium.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in got if one["name"] == "JSHeapUsedSize")) / 2**20

    def shift(self) -> float:
        """How much moved since this was last asked."""
        return float(self.page.evaluate("() => [window.shift, (window.shift = 0)][0]"))

    def movers(self) -> list[str]:
        """What moved since this was last asked, a line each: by how much, from and to where."""
        return list(self.page.evaluate("() => window.movers.splice(0)"))


@dataclass(frozen=True)
class Row:
    """What was measured after one fault: MB of the app and of each page, and what moved."""

    app: float
    pages: dict[str, float]
    moved: dict[str, float]


def open_tab(
    browser: Browser, url: str, name: str, size: tuple[int, int], *, stays: bool = False
) -> Tab:
    """Open a page and wait until it is live."""
    page = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, bypass_csp=True
    ).new_page()
    tab = Tab(name, page, page.context.new_cdp_session(page), stays)
    tab.chromium.send("Performance.enable")
    page.goto(url)
    page.wait_for_selector(f"{_BADGE} b:has-text('i')")  # Live, Idle, Finished

    def note(said: ConsoleMessage) -> None:
        if said.type == "error":
            tab.errors.append(said.text)

    page.on("console", note)
    page.on("pageerror", lambda error: tab.errors.append(str(error)))
    page.evaluate(_WATCH)
    return tab


def soak(server: VpoServer, app: MeasuredApp, browser: Browser, minutes: float) -> list[Row]:
    """Throw fault after fault for so long; raises TimeoutError where a page does not come back."""
    base, job = f"http://127.0.0.1:{app.port}", long_job(server)
    tabs = [
        open_tab(browser, f"{base}/", "overview", _DESKTOP),
        open_tab(browser, f"{base}/jobs", "jobs", _DESKTOP, stays=True),
        open_tab(browser, f"{base}/job?id={job}", "job", _DESKTOP),
        open_tab(browser, f"{base}/", "overview, phone", _PHONE),
        open_tab(browser, f"{base}/server", "server, phone", _PHONE, stays=True),
    ]
    wanderer = open_tab(browser, f"{base}/", "from page to page", _DESKTOP)
    print("| Minutes | Fault | MB of the app | Threads | Files |", end=" ")
    print(" | ".join(f"MB of {tab.name}" for tab in [*tabs, wanderer]), "| Moved | Errors |")
    links = wanderer.page.locator("[data-testid=stSidebar] a")
    for number in range(links.count()):  # what a page loads when it is first drawn, stays
        links.nth(number).click()
        wanderer.page.wait_for_timeout(_DRAWN_SECONDS * 1000)
    begun, rows = time.monotonic(), list[Row]()
    hidden = itertools.cycle(tabs)
    for number, (fault, options) in enumerate(itertools.cycle(FAULTS)):
        if time.monotonic() - begun > minutes * 60:
            break
        unseen = next(hidden)
        unseen.show("hidden")
        server.faults.set(fault, **options)
        links.nth(number % links.count()).click()
        tabs[0].page.wait_for_timeout(_FAULT_SECONDS * 1000)
        server.faults.clear()
        unseen.show("visible")
        _wait_until_well([*tabs, wanderer], fault)
        moved = _moved(tabs)
        weight, errors = app.measure(), sum(len(tab.errors) for tab in [*tabs, wanderer])
        row = Row(weight.megabytes, {t.name: t.megabytes() for t in [*tabs, wanderer]}, moved)
        rows.append(row)
        print(
            f"| {(time.monotonic() - begun) / 60:.1f} | {fault} {options.get('kind', '')} "
            f"| {row.app:.1f} | {weight.threads} | {weight.files} |",
            " | ".join(f"{megabytes:.1f}" for megabytes in row.pages.values()),
            f"| {max(moved.values(), default=0):.3f} | {errors} |",
            flush=True,
        )
    for tab in [*tabs, wanderer]:
        for error in tab.errors:
            print(f"error on {tab.name}: {error}")
    if any(tab.errors for tab in [*tabs, wanderer]):
        raise RuntimeError("a page logged an error")
    return rows


def _wait_until_well(tabs: list[Tab], fault: Fault) -> None:
    give_up_at = time.monotonic() + _BACK_SECONDS
    for tab in tabs:
        tab.try_now()
    while not all(tab.is_well() for tab in tabs):
        if time.monotonic() > give_up_at:
            words = {tab.name: tab.word for tab in tabs}
            raise TimeoutError(f"after {fault} the pages are {words}")
        tabs[0].page.wait_for_timeout(500)


def _moved(tabs: list[Tab]) -> dict[str, float]:
    """How much moves on the pages in a calm time, of those where nothing should."""
    tabs[0].page.wait_for_timeout(_DRAWN_SECONDS * 1000)  # until it shows that the fault has ended
    calm = [tab for tab in tabs if tab.stays and tab.word in _CALM]
    for tab in calm:
        tab.shift()
        tab.movers()
    tabs[0].page.wait_for_timeout(_CALM_SECONDS * 1000)
    for tab in calm:
        for mover in tab.movers():
            print(f"moved on {tab.name} ({tab.word}): {mover}", flush=True)
    return {tab.name: tab.shift() for tab in calm if tab.word in _CALM}


def judge(rows: list[Row], log: list[str]) -> list[str]:
    """What is not as it should be, a sentence each."""
    warm = max(_WARM_FAULTS, int(len(rows) * _WARM_SHARE))
    faults = [f"no change: {line}" for line in beyond_a_line_a_change(log)]
    faults += [
        f"{name} moved by {shift:.3f}"
        for row in rows
        for name, shift in row.moved.items()
        if shift > _MOST_MOVED
    ]
    if len(rows) <= warm:
        return faults
    first, last = rows[warm - 1], rows[-1]
    growth = last.app - first.app
    print(f"The app has grown by {growth:.1f} MB since it was warm.")
    if growth > _MOST_APP_GROWTH:
        faults.append(f"the app grew by {growth:.1f} MB")
    for name, megabytes in last.pages.items():
        growth = megabytes - first.pages[name]
        print(f"{name} has grown by {growth:.1f} MB.")
        if growth > _MOST_PAGE_GROWTH:
            faults.append(f"{name} grew by {growth:.1f} MB")
    return faults


def main() -> int:
    """Soak, print a table, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chromium")
    parser.add_argument("--minutes", type=float, default=30)
    given = parser.parse_args()
    with (
        start(seed=1) as server,
        measured_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_HISTORY_JOBS="500") as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=given.chromium, args=FLAGS)
        rows = soak(server, app, browser, given.minutes)
        browser.close()
        faults = judge(rows, app.log)
    for fault in faults:
        print(fault)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
