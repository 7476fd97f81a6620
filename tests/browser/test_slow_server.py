"""While VPO takes 10 s for each answer, a viewer is answered at once from what is known."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BADGE, GRID, point_at_row, running_app, status_tab
from tests.vpo_server import Fault, VpoServer, start

WAITING = "Loading job list"
"""Said until VPO's answer is there, so whoever reads it was answered before."""


@pytest.fixture
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=0, seed=1, rate_limit=None) as running:
        for number in range(130):
            status = "failed" if number % 13 == 0 else "completed"
            running.store.add_job(
                job_type="move", status=status, file_path=f"/srv/{status}-{number:03}.mkv"
            )
        running.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
        yield running


@pytest.fixture
def slow_page(page: Page, server: VpoServer) -> Iterator[Page]:
    """The job list of a server that has just become slow."""
    with running_app(VPO_MONITOR_API_URL=server.url) as app:
        page.goto(f"{app}/jobs?interval=2")
        expect(page.locator(BADGE)).to_contain_text("Live")
        expect(page.locator(GRID)).to_contain_text("busy.mkv")
        server.faults.set(Fault.SLOW, seconds=10.0)
        expect(page.locator(BADGE)).to_contain_text("Slow")
        yield page
        server.faults.clear()


def test_a_filter_a_search_and_a_page_are_answered_from_known_jobs(slow_page: Page) -> None:
    page, main = slow_page, slow_page.locator(".stMain")
    status_tab(page, "Failed").click()
    expect(main).to_contain_text(WAITING)
    expect(page.locator(GRID)).to_contain_text("failed-117.mkv")
    expect(page.locator(GRID)).not_to_contain_text("completed-")
    expect(main).to_contain_text("Showing jobs from other pages")
    search = page.get_by_label("Path contains")
    search.fill("of-this-nothing-is-known")
    search.press("Enter")
    expect(main).not_to_contain_text("Showing jobs from other pages")
    expect(main).to_contain_text(WAITING)
    expect(page.locator(GRID)).not_to_contain_text("failed-")
    page.go_back()
    expect(page.locator(GRID)).to_contain_text("failed-091")
    page.go_back()
    expect(page.locator(GRID)).to_contain_text("busy.mkv")
    page.get_by_role("button", name="Older page").click()
    expect(main).to_contain_text(WAITING)
    newer = page.get_by_role("button", name="Newer page")
    expect(newer).to_have_count(1)  # while a page is drawn, what it replaces is there, too
    newer.click()
    expect(main).to_contain_text("1 to 100 of 131")


@pytest.mark.long
def test_a_job_opens_with_what_the_list_knew_until_its_own_answer_arrives(
    slow_page: Page, server: VpoServer
) -> None:
    page = slow_page
    page.mouse.click(*point_at_row(page, 0))
    expect(page.locator(".stMain")).to_contain_text("Showing data from the job list")
    expect(page.locator(".st-key-job-facts")).to_contain_text("/srv/busy.mkv")
    server.faults.clear()
    expect(page.locator(".stMain")).not_to_contain_text("Showing data from the job list")
    expect(page.locator(".st-key-job-facts")).to_contain_text("/srv/busy.mkv")
