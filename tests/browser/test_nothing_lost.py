"""Over many refreshes with rows arriving, leaving and moving, a viewer's place stays."""

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bench.running_app import free_port
from tests.browser.conftest import (
    BADGE,
    GRID,
    Eventually,
    click_row,
    point_at_row,
    running_app,
    status_tab,
)
from tests.vpo_server import VpoServer

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
PHONE_SIZE = ViewportSize(width=390, height=844)
WATCH = """() => {
  window.moved = [];
  const name = ({ node }) => node?.className || node?.nodeName;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (!entry.hadRecentInput) window.moved.push(...entry.sources.map(name));
  }).observe({ type: "layout-shift" });
  window.disturbed = [];
  new MutationObserver((changes) => {
    const signs = '[data-stale="true"], [data-testid=stStatusWidget], [data-testid=stSpinner]';
    for (const node of document.querySelectorAll(signs))
      if (node.checkVisibility({ visibilityProperty: true }) &&
          (Number(getComputedStyle(node).opacity) < 1 || !node.dataset.stale))
        window.disturbed.push(node.dataset.testid + " " + node.innerText);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def scroll_of_grid(page: Page) -> tuple[int, int]:
    top, left = page.evaluate(
        f"""() => {{ const s = document.querySelector("{GRID} .dvn-scroller");
                     return [s.scrollTop, s.scrollLeft]; }}"""
    )
    return top, left


def width_of_grid(page: Page) -> int:
    """All columns together, in pixels."""
    width: int = page.evaluate(f"""document.querySelector("{GRID} .dvn-scroller").scrollWidth""")
    return width


def widen_the_file_column(page: Page) -> None:
    """Drag its right edge by 60 pixels, wherever the table is scrolled to."""
    x, y = point_at_row(page, -1, across=347 - scroll_of_grid(page)[1])
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=6)
    page.mouse.up()


def sort_this_page_by_file(page: Page) -> None:
    """Choose the browser's own sort in the menu of the column."""
    page.mouse.click(*point_at_row(page, -1, across=332))
    page.get_by_text("Sort ascending").click()


def change_the_list(server: VpoServer, tick: int, pool: list[str]) -> None:
    """A job arrives, one moves to another status, and one leaves the filtered list."""
    pool.append(
        server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/keep/{tick}.mkv")
    )
    server.store.update_job(pool[tick % len(pool)], status="running", progress_percent=tick % 100)
    if tick % 3 == 2:
        server.store.update_job(pool.pop(0), status="cancelled")


@pytest.mark.parametrize("ticks", [4, pytest.param(100, marks=pytest.mark.long)])
def test_place_sort_widths_and_typed_text_stay(
    ticks: int, page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    pool = [
        server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/keep/old-{n}.mkv")
        for n in range(140)
    ]
    page.goto(f"{app}/jobs?search=keep&page=2")
    cells = page.locator(f'{GRID} [role="gridcell"]')
    eventually(lambda: cells.count() > 0)
    sort_this_page_by_file(page)
    eventually(lambda: "/0." in first_path(page) or "old-0." in first_path(page))
    page.mouse.wheel(90, 350)
    eventually(lambda: scroll_of_grid(page)[0] > 0)
    as_drawn = width_of_grid(page)
    widen_the_file_column(page)
    eventually(lambda: width_of_grid(page) == as_drawn + 60)
    search = page.get_by_label("Path contains")
    search.click()
    search.press("End")
    search.press_sequentially("-not-sent")
    page.locator(".stMain").evaluate("node => node.scrollTo(0, 60)")
    kept = (
        scroll_of_grid(page),
        width_of_grid(page),
        page.locator(".stMain").evaluate("node => node.scrollTop"),
        page.url,
    )
    canvas = page.locator(f"{GRID} canvas").first.element_handle()
    page.evaluate(WATCH)
    asked = len(server.requests)
    for tick in range(ticks):
        change_the_list(server, tick, pool)
        before = len(lists(server))
        eventually(lambda before=before: len(lists(server)) > before)  # type: ignore[misc]
    assert len(server.requests) > asked
    assert page.evaluate("window.moved") == []
    assert page.evaluate("window.disturbed") == []
    assert kept == (
        scroll_of_grid(page),
        width_of_grid(page),
        page.locator(".stMain").evaluate("node => node.scrollTop"),
        page.url,
    )
    assert search.input_value() == "keep-not-sent"
    assert canvas is not None
    assert canvas.evaluate("node => node.isConnected")


def first_path(page: Page) -> str:
    """The file of the first row, as the browser has sorted them."""
    return page.locator(f'{GRID} [data-testid="glide-cell-2-0"]').inner_text()


def lists(server: VpoServer) -> list[object]:
    return [request for request in server.requests if request.path == "/api/jobs"]


def test_filters_and_pages_need_no_mouse(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    for number in range(120):
        server.store.add_job(
            job_type="move", status="failed", file_path=f"/srv/keys/{number:03}.mkv"
        )
    page.goto(f"{app}/jobs?sort=file_path&order=asc")
    grid = page.locator(GRID)
    expect(page.locator(BADGE)).to_be_visible()
    expect(grid).to_contain_text(".mkv")
    page.get_by_label("Path contains").focus()
    page.keyboard.type("keys/")
    page.keyboard.press("Enter")
    expect(page.locator(".stMain")).to_contain_text("1 to 100 of 120 jobs")
    failed = status_tab(page, "Failed")
    while not failed.evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("status=failed"))
    expect(grid).to_contain_text("000.mkv")
    older = page.get_by_role("button", name="Next page")
    while not older.evaluate("node => node === document.activeElement"):
        page.keyboard.press("Tab")
    before = len(server.requests)
    eventually(lambda: len(server.requests) > before + 1)  # the cell passed by has been told
    page.keyboard.press("Enter")
    expect(page.locator(".stMain")).to_contain_text("101 to 120 of 120 jobs")
    expect(grid).to_contain_text("100.mkv")


@pytest.mark.long
def test_rows_moving_under_a_sorted_table_open_the_right_job(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    ids = {
        name: server.store.add_job(
            job_type="scan", status="queued", file_path=f"/srv/sorted/{name}.mkv"
        )
        for name in ("b", "c", "a")
    }
    page.goto(f"{app}/jobs?search=sorted")
    rows = page.locator(f'{GRID} [role="gridcell"]', has_text=".mkv")
    eventually(lambda: rows.count() >= 3)
    sort_this_page_by_file(page)
    expect(rows.first).to_contain_text("a.mkv")
    click_row(page, 1)
    page.wait_for_url(f"{app}/job?id={ids['b']}")


@pytest.mark.parametrize(  # with and without a tick that gets lost
    "interval", ["2", pytest.param("60", marks=pytest.mark.long)]
)
def test_the_view_returns_after_the_app_was_started_again(
    interval: str, page: Page, server: VpoServer
) -> None:
    """So does a viewer who was away for long: the browser alone still knows the view."""
    for number in range(150):
        server.store.add_job(job_type="move", status="failed", file_path=f"/srv/kept/{number}.mkv")
    server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
    port = free_port()
    settings = {"VPO_MONITOR_API_URL": server.url}
    with running_app(port, **settings) as app:
        page.goto(f"{app}/jobs?search=kept&page=2&status=failed&interval={interval}")
        click_row(page, 3)
        page.wait_for_url(re.compile(r"/job\?id="))
        job = page.url.split("id=")[1].split("&")[0]
        page.go_back()
        mark = page.locator(f'{GRID} [role="gridcell"]', has_text="➤")
        expect(mark).to_have_count(1)
        view = page.url
    expect(page.get_by_text("Connection error")).to_be_visible()
    server.store.update_job(job, status="cancelled")  # leaves the filtered list
    with running_app(port, **settings):
        expect(page.get_by_text("Connection error")).to_be_hidden()
        expect(mark).to_have_count(0)
        expect(page.locator(".stMain")).to_contain_text("101 to 149 of 149 jobs")
        expect(page.get_by_label("Path contains")).to_have_value("kept")
        expect(page.locator(".st-key-interval-choice")).to_contain_text(f"Every {interval} s")
        assert page.url == view


def test_a_phone_shows_jobs_as_a_list_and_says_how_many_filters_are_in_force(
    browser: Browser, app: str, server: VpoServer
) -> None:
    job = server.store.add_job(
        job_type="move", status="failed", file_path="/srv/a.mkv", error_message="The disk is full"
    )
    with browser.new_page(user_agent=PHONE, viewport=PHONE_SIZE) as page:
        page.goto(f"{app}/jobs?type=move&status=failed")
        line = page.locator(".st-key-jobs-list li", has_text="a.mkv")
        expect(line).to_contain_text("The disk is full")
        box = line.bounding_box()
        assert box is not None
        assert box["y"] < 450
        expect(page.locator(GRID)).to_have_count(0)
        page.get_by_role("button", name="Filter and sort (1)").click()
        expect(page.get_by_role("combobox", name="Type")).to_have_value("Move")
        page.keyboard.press("Escape")
        line.get_by_role("link").click()
        page.wait_for_url(f"{app}/job?id={job}")
