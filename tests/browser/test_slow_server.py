"""While VPO takes 10 s for each answer, a viewer is answered at once from what is known."""

import os
import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BADGE, GRID, point_at_row, running_app
from vpo_monitor.demo import DemoServer, Fault, start

pytestmark = pytest.mark.alone

WAITING = "is on its way"
LIMIT = float(os.environ.get("SLOW_LIMIT", "0.5"))


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with start(worker=False, history=0, seed=1, rate_limit=None) as running:
        for number in range(130):
            status = "failed" if number % 13 == 0 else "completed"
            running.store.add_job(
                job_type="move", status=status, file_path=f"/srv/{status}-{number:03}.mkv"
            )
        running.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
        yield running


@pytest.fixture
def slow_page(page: Page, server: DemoServer) -> Iterator[Page]:
    """The job list of a server that has just become slow."""
    with running_app(VPO_MONITOR_API_URL=server.url) as app:
        page.goto(f"{app}/jobs?interval=2")
        expect(page.locator(BADGE)).to_contain_text("Live")
        expect(page.locator(GRID)).to_contain_text("busy.mkv")
        server.faults.set(Fault.SLOW, seconds=10.0)
        expect(page.locator(BADGE)).to_contain_text("Slow", timeout=15_000)
        yield page
        server.faults.clear()


def answered_in(page: Page, act: Callable[[], object], sign: str, *, gone: str = "\0") -> float:
    """Seconds from an act of the viewer until one text is on the page and another is gone."""
    page.evaluate(
        """([sign, gone]) => {
          window.begun = null; window.answered = null;
          const begin = (event) => { window.begun ??= event.timeStamp; };
          for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, begin, true);
          const look = () => {
            if (window.begun === null) return;
            const text = document.querySelector(".stMain")?.textContent ?? "";
            if (text.includes(sign) && !text.includes(gone))
              window.answered ??= performance.now();
          };
          window.watching?.disconnect();
          window.watching = new MutationObserver(look);
          window.watching.observe(document.body,
            { subtree: true, childList: true, characterData: true });
        }""",
        [sign, gone],
    )
    act()
    page.wait_for_function("() => window.answered !== null")
    seconds: float = page.evaluate("() => (window.answered - window.begun) / 1000")
    return seconds


def test_a_filter_a_page_and_a_job_are_answered_from_what_is_known(slow_page: Page) -> None:
    page = slow_page
    took: dict[str, float] = {}
    page.locator(".st-key-filter-status").click()
    option = page.get_by_role("option", name="Failed")
    took["filter"] = answered_in(page, option.click, "The list is on its way")
    expect(page.locator(GRID)).to_contain_text("failed-117.mkv")
    expect(page.locator(GRID)).not_to_contain_text("completed-")
    expect(page.locator(".stMain")).to_contain_text("Shown meanwhile")
    search = page.get_by_label("Path contains")
    search.fill("of-this-nothing-is-known")
    took["search"] = answered_in(page, lambda: search.press("Enter"), "way", gone="meanwhile")
    expect(page.locator(GRID)).not_to_contain_text("failed-")
    page.go_back()
    expect(page.locator(GRID)).to_contain_text("failed-091")
    page.go_back()
    expect(page.locator(GRID)).to_contain_text("busy.mkv")
    older = page.get_by_role("button", name="Older page")
    took["page"] = answered_in(page, older.click, "The list is on its way")
    newer = page.get_by_role("button", name="Newer page")
    took["page back"] = answered_in(page, newer.click, "1 to 100 of 131")
    times = []
    for _ in range(3):  # the margin is small, and the machine has other work
        at = point_at_row(page, 0)
        times.append(
            answered_in(page, lambda at=at: page.mouse.click(*at), "what the list knew")  # type: ignore[misc]
        )
        expect(page.locator(".st-key-job-facts")).to_contain_text("/srv/busy.mkv")
        page.go_back()
        expect(page.locator(GRID)).to_contain_text("busy.mkv")
        page.wait_for_timeout(500)  # the first moment after a change of rows is no time to click
    took["job"] = statistics.median(times)
    assert max(took.values()) <= LIMIT, took


def test_what_was_waited_for_replaces_what_was_known(slow_page: Page, server: DemoServer) -> None:
    page = slow_page
    begun = time.monotonic()
    page.mouse.click(*point_at_row(page, 0))
    expect(page.locator(".stMain")).to_contain_text("what the list knew")
    expect(page.locator(".stMain")).not_to_contain_text("what the list knew", timeout=25_000)
    assert time.monotonic() - begun > 5
    expect(page.locator(".st-key-job-facts")).to_contain_text("/srv/busy.mkv")
