"""Keys do what the list of keys says, and nothing while somebody types."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BADGE, Eventually, wait_until_heard
from tests.vpo_server import VpoServer


def lists_asked(server: VpoServer) -> int:
    return sum(request.path == "/api/jobs" for request in server.requests)


@pytest.fixture
def jobs(page: Page, app: str, server: VpoServer, eventually: Eventually) -> Page:
    """The list of jobs, whose next answer is a minute away."""
    server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
    page.goto(f"{app}/jobs?interval=60")
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()
    wait_until_heard(page, eventually)
    return page


def test_keys_pause_resume_refresh_and_go_to_the_search_in_which_they_are_letters(
    jobs: Page, server: VpoServer, eventually: Eventually
) -> None:
    interval = jobs.locator(".st-key-interval-choice")
    expect(interval).to_contain_text("Every 60 s")
    jobs.keyboard.press("p")
    expect(jobs.locator(BADGE)).to_contain_text("Paused")
    expect(interval).to_contain_text("Paused")
    jobs.wait_for_url("**interval=off*")
    jobs.keyboard.press("p")
    expect(jobs.locator(BADGE)).to_contain_text("Live")
    expect(interval).to_contain_text("Every 60 s")
    jobs.wait_for_url("**interval=60*")
    asked = lists_asked(server)
    jobs.keyboard.press("r")
    eventually(lambda: lists_asked(server) > asked)
    jobs.keyboard.press("/")
    search = jobs.get_by_label("Path contains")
    expect(search).to_be_focused()
    jobs.keyboard.type("rp/?")
    expect(search).to_have_value("rp/?")
    expect(jobs.get_by_role("dialog")).not_to_be_visible()
    expect(jobs.locator(BADGE)).to_contain_text("Live")


def test_a_question_mark_lists_the_keys_and_they_can_be_switched_off(jobs: Page) -> None:
    jobs.keyboard.press("?")
    keys = jobs.get_by_role("dialog", name="Shortcuts")
    expect(keys).to_contain_text("Pause or resume")
    jobs.keyboard.press("p")  # not while the list is open
    keys.get_by_label("Enable shortcuts in this browser").uncheck()
    keys.get_by_role("button", name="Close").click()
    expect(keys).not_to_be_visible()
    jobs.keyboard.press("?")
    jobs.keyboard.press("p")
    jobs.reload()
    expect(jobs.locator(BADGE)).to_contain_text("Live")
    jobs.keyboard.press("?")
    expect(keys).not_to_be_visible()
    jobs.get_by_role("button", name="Shortcuts").click()
    keys.get_by_label("Enable shortcuts in this browser").check()
    jobs.keyboard.press("Escape")
    jobs.keyboard.press("p")
    expect(jobs.locator(BADGE)).to_contain_text("Paused")


def test_j_and_k_go_from_link_to_link_and_enter_opens(
    page: Page, app: str, server: VpoServer
) -> None:
    for name in "abc":
        server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/{name}.mkv")
    page.goto(app)
    rows = page.locator(".st-key-queue a")
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(rows).to_have_count(3)
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    wanted = rows.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app}{wanted}")


@pytest.mark.long
@pytest.mark.parametrize("storage", ["localStorage", "sessionStorage"])
def test_keys_and_live_data_need_nothing_that_is_kept_in_the_browser(
    storage: str, own_page: Page, app: str, server: VpoServer
) -> None:
    page = own_page
    closed = f"""Object.defineProperty(window, "{storage}", {{
      get() {{ throw new DOMException("closed", "SecurityError"); }} }});"""
    page.add_init_script(closed)
    server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
    page.goto(app)
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    server.store.add_job(job_type="move", status="queued", file_path="/srv/next.mkv")
    expect(page.locator(".st-key-queue")).to_contain_text("next")
