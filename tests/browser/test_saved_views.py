"""A viewer's own views of the job list: named, kept in the browser, and an address each."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.vpo_server import VpoServer

from .conftest import BADGE, expect_status

VIEWS = "vpo-monitor-views"


@pytest.fixture
def failed(own_page: Page, app: str, server: VpoServer) -> Page:
    """The list of failed jobs."""
    page = own_page
    server.store.add_job(job_type="scan", status="failed", file_path="/srv/media")
    open_list(page, f"{app}/jobs?status=failed&since=24h")
    return page


def open_list(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(BADGE)).to_contain_text("Idle")


def views(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Saved views")


def save(page: Page, name: str, *, button: str = "Save view") -> None:
    """By keyboard alone, once the button is reached."""
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("View name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def names(page: Page) -> list[str]:
    return views(page).get_by_role("link").all_text_contents()


def test_a_view_is_saved_found_again_renamed_overwritten_and_removed(
    failed: Page, app: str
) -> None:
    page = failed
    expect(views(page).get_by_role("button")).to_have_count(1)  # one quiet control
    save(page, "r: <b>broken</b>")  # a key of the page's own, and markup, are letters here
    link = views(page).get_by_role("link", name="r: <b>broken</b>")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("href", f"{app}/jobs?status=failed&since=24h")
    open_list(page, f"{app}/jobs")
    expect(link).not_to_have_attribute("aria-current", "page")
    link.press("Enter")
    page.wait_for_url("**/jobs?status=failed&since=24h")
    expect_status(page, "Failed")
    expect(link).to_have_attribute("aria-current", "page")
    page.go_back()
    page.wait_for_url(re.compile("/jobs$"))
    expect_status(page, "All")
    page.go_forward()
    expect_status(page, "Failed")
    save(page, "Broken", button="Rename view")
    expect(views(page).get_by_role("link", name="Broken")).to_be_focused()
    assert names(page) == ["Broken"]
    open_list(page, f"{app}/jobs?status=running")
    save(page, "Broken")
    assert names(page) == ["Broken"]
    link = views(page).get_by_role("link")
    expect(link).to_have_attribute("href", f"{app}/jobs?status=running")
    views(page).get_by_role("button", name="Remove Broken").press("Enter")
    expect(link).to_have_count(0)
    expect(page.get_by_role("button", name="Save view")).to_be_focused()
    page.reload()
    expect(views(page).get_by_role("button")).to_have_count(1)


@pytest.mark.long
def test_a_full_browser_and_a_closed_one_say_so_and_a_kiosk_has_no_views(
    failed: Page, app: str
) -> None:
    page = failed
    kept = [
        {"name": f"a long name of a view, number {n}", "query": f"search={n}"} for n in range(20)
    ]
    strange = [{"name": 5}, None, {"name": "x" * 41, "query": ""}]
    page.evaluate(f"localStorage.setItem('{VIEWS}', {json.dumps(json.dumps(strange + kept))!s})")
    page.set_viewport_size({"width": 390, "height": 900})
    open_list(page, f"{app}/jobs?status=failed")
    assert names(page) == [one["name"] for one in kept]
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
    expect(page.get_by_test_id("stElementToolbar").first).to_be_hidden()  # it covers the counts
    save(page, "one more")
    expect(views(page)).to_contain_text("Limit of 20 saved views reached")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Save view")).to_be_focused()
    open_list(page, f"{app}/jobs?kiosk=1")
    expect(views(page)).to_have_count(0)
    page.add_init_script(f"""
        for (const name of ["getItem", "setItem"]) {{
          const real = Storage.prototype[name];
          Storage.prototype[name] = function (key, ...rest) {{
            if (key === "{VIEWS}") throw new DOMException("closed", "SecurityError");
            return real.call(this, key, ...rest);
          }};
        }}""")
    open_list(page, f"{app}/jobs?kiosk=0")
    page.get_by_role("button", name="Save view").click()
    expect(views(page)).to_contain_text("blocks storage for this page")
