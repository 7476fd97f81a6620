"""What mouse, touch and keyboard do in the jobs table."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import (
    BADGE,
    GRID,
    Eventually,
    click_row,
    point_at_row,
)
from tests.vpo_server import VpoServer

ROWS = 'tr[role="row"]'
HEADERS = {
    "Status": 80,
    "File": 200,
    "Type": 390,
    "Progress": 465,
    "Result": 600,
    "Created": 730,
    "Total time": 840,
}
"""Pixels from the table's left edge; all of them are in view."""
NAMES = re.compile(r"^\u200c?[^/]*(name-|table)[^/]*$")
"""Of the jobs' files, without their paths: on a phone, these are out of sight."""
SORTS = {
    "Status": "status",
    "Type": "job_type",
    "Created": "created_at",
    "Total time": "duration",
}


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def add_jobs(server: VpoServer, count: int = 4) -> list[str]:
    """Add jobs in the order of their names."""
    return [
        server.store.add_job(
            job_type="scan", status="queued", file_path=f"/srv/table/name-{number}.mkv"
        )
        for number in range(count)
    ]


def open_list(page: Page, address: str, count: int = 4) -> None:
    page.goto(address)
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    expect(page.locator(f'{GRID} [role="gridcell"]', has_text=NAMES)).to_have_count(count)


def header(page: Page, name: str) -> tuple[float, float]:
    box = page.locator(f"{GRID} canvas").first.bounding_box()
    assert box is not None
    return box["x"] + HEADERS[name], box["y"] + 17


def order_in_url(page: Page) -> tuple[str, str]:
    sort, order = (re.search(rf"[?&]{key}=(\w+)", page.url) for key in ("sort", "order"))
    return sort[1] if sort else "created_at", order[1] if order else "desc"


# One that sorts, and one that does not.
QUICK_HEADERS = ("Created", "File")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK_HEADERS else pytest.mark.long)
        for name in HEADERS
    ],
)
def test_a_quick_press_on_a_header_sorts_on_the_server_and_opens_nothing(
    name: str, page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    add_jobs(server)
    open_list(page, f"{app}/jobs?search=table&sort=file_path&order=asc")
    page.mouse.click(*header(page, name))  # pressed for 0 ms, and without a move before
    if name not in SORTS:
        asked = len(server.requests)
        eventually(lambda: len(server.requests) > asked + 1)
        assert order_in_url(page) == ("file_path", "asc")
        assert "/jobs" in page.url
        return
    first = "desc" if name in ("Created", "Total time") else "asc"
    eventually(lambda: order_in_url(page) == (SORTS[name], first))
    expect(page.locator(f'{GRID} [role="columnheader"]', has_text=re.compile("[↑↓]"))).to_have_text(
        re.compile(name)
    )
    asked = len(server.requests)
    eventually(lambda: len(server.requests) > asked + 3)  # a double click sorts once
    page.mouse.click(*header(page, name))
    second = "asc" if first == "desc" else "desc"
    eventually(lambda: order_in_url(page) == (SORTS[name], second))
    page.get_by_role("button", name="Filter and sort").click()
    expect(page.get_by_role("combobox", name="Sort by")).to_have_value(name)
    assert "/jobs?" in page.url
    assert server.requests[-1].path != "/api/job"


def test_a_tap_on_a_header_sorts_and_a_tap_on_a_name_opens_its_job(
    phone: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    ids = add_jobs(server)
    open_list(phone, f"{app}/jobs?search=table&sort=file_path&order=asc")
    phone.touchscreen.tap(*header(phone, "Status"))
    eventually(lambda: order_in_url(phone) == ("status", "asc"))
    phone.touchscreen.tap(*header(phone, "File"))
    asked = len(server.requests)
    eventually(lambda: len(server.requests) > asked + 1)
    assert "/jobs?" in phone.url
    x, y = header(phone, "File")
    phone.touchscreen.tap(x - 20, y + 35)
    phone.wait_for_url(f"{app}/job?id={ids[-1]}")  # of equal status, the newest is first


def test_a_quick_press_on_a_name_or_box_opens_its_job(
    page: Page, app: str, server: VpoServer
) -> None:
    ids = add_jobs(server)
    for across, row in ((180, 2), (16, 1)):
        open_list(page, f"{app}/jobs?search=table&sort=file_path&order=asc")
        x, y = header(page, "Status")
        page.mouse.click(x - HEADERS["Status"] + across, y + 35 * (row + 1))
        page.wait_for_url(f"{app}/job?id={ids[row]}")


def test_the_keyboard_opens_a_job_only_when_asked(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    ids = add_jobs(server)
    open_list(page, f"{app}/jobs?search=table&sort=file_path&order=asc")
    page.get_by_role("button", name="Refresh").focus()
    while not page.evaluate(f"() => !!document.activeElement.closest('{GRID} canvas')"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    cell = page.locator(f'{GRID} [role="gridcell"][aria-selected="true"]')
    expect(cell).to_have_attribute("data-testid", re.compile("-2$"))
    asked = len(server.requests)
    eventually(lambda: len(server.requests) > asked + 1)
    assert page.url.startswith(f"{app}/jobs?")
    page.keyboard.press("Shift+Space")
    page.wait_for_url(f"{app}/job?id={ids[2]}")


def test_the_mark_follows_its_job_and_a_click_opens_the_job_that_is_shown(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    ids = add_jobs(server)
    open_list(page, f"{app}/jobs?search=table")
    click_row(page, 1)
    page.wait_for_url(f"{app}/job?id={ids[2]}")
    page.go_back()
    marked = page.locator(f"{GRID} {ROWS}", has_text="➤")
    expect(marked).to_contain_text("name-2.mkv")
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/table/name-9.mkv")
    expect(page.locator(f'{GRID} [role="gridcell"]', has_text=NAMES)).to_have_count(5)
    expect(marked).to_contain_text("name-2.mkv")
    expect(marked).to_have_attribute("aria-rowindex", "4")
    click_row(page, 1)
    page.wait_for_url(f"{app}/job?id={ids[3]}")


def test_total_time_is_sorted_by_its_length(page: Page, app: str, server: VpoServer) -> None:
    for number, seconds in enumerate((7, 20, 61, 3700)):
        server.store.add_job(
            job_type="scan",
            status="completed",
            file_path=f"/srv/table/name-{number}.mkv",
            created_at="2026-11-23T10:00:00Z",
            completed_at=f"2026-11-23T{10 + seconds // 3600}:{seconds % 3600 // 60:02}:"
            f"{seconds % 60:02}Z",
        )
    open_list(page, f"{app}/jobs?search=table&sort=duration&order=asc")
    rows = page.locator(f'{GRID} [role="gridcell"]', has_text=NAMES)
    expect(rows).to_have_text([f"name-{number}.mkv" for number in range(4)])
    page.get_by_role("button", name="Filter and sort").click()
    page.get_by_role("combobox", name="Order").click()
    page.get_by_role("option", name="Descending").click()
    expect(rows).to_have_text([f"name-{number}.mkv" for number in reversed(range(4))])


def test_names_that_look_like_icons_or_lists_are_shown_as_they_are(
    page: Page, app: str, server: VpoServer
) -> None:
    name = '["table", "b"]'
    job = server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/table/{name}")
    server.store.add_job(
        job_type="scan", status="queued", file_path="/srv/table/:material/table: b"
    )
    open_list(page, f"{app}/jobs?search=table", 2)
    page.mouse.click(*point_at_row(page, 1, across=170))
    page.wait_for_url(f"{app}/job?id={job}")
