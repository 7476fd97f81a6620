"""A screen on the wall: large type, and nothing that waits for a hand."""

import re

import pytest
from playwright.sync_api import Page, expect

from vpo_monitor.demo import DemoServer

from .conftest import running_app
from .test_overview import CARD, end, run

BADGE = ".st-key-connection"
FONT = """(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"""
INSIDE = """() => document.querySelector(".stMain").scrollWidth <= innerWidth"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_overview_can_be_read_from_afar(
    width: int, height: int, page: Page, app: str, server: DemoServer
) -> None:
    run(server, progress_percent=40.0)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{app}/?kiosk=1")
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(page.locator(CARD)).to_be_visible()
    for what in (".st-key-running .name", ".st-key-counts dd"):
        assert page.evaluate(FONT, what) >= width / 80
    assert page.evaluate(INSIDE)
    for part in (BADGE, ".st-key-counts", CARD, ".st-key-failures a", ".st-key-queue"):
        expect(page.locator(part).first).to_be_in_viewport()
    for part in ("stSidebar", "stHeader", "stButton"):
        for element in page.get_by_test_id(part).all():
            expect(element).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("combobox")).to_have_count(0)


def test_a_kiosk_stays_one_on_other_pages_and_after_a_reload(
    page: Page, app: str, server: DemoServer
) -> None:
    job = run(server)
    page.goto(f"{app}/?kiosk=1")
    page.locator(CARD).get_by_role("link", name="Sintel.mkv").click()
    page.wait_for_url(re.compile(f"/job\\?id={job}&kiosk=1"))
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.reload()
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    page.goto(app)
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


def test_what_happens_is_told_by_no_toast(page: Page, app: str, server: DemoServer) -> None:
    job = run(server)
    page.goto(f"{app}/?kiosk=1")
    expect(page.locator(CARD)).to_have_count(1)
    end(server, job, status="failed", error_message="No space left")
    expect(page.locator(".st-key-activity-list")).to_contain_text("Failed · process")
    expect(page.locator(".vpo-toasts")).to_have_count(0)


def test_a_demo_on_the_wall_says_that_it_is_one(page: Page) -> None:
    with running_app() as app:
        page.goto(f"{app}/?kiosk=1")
        expect(page.locator(".st-key-demo-banner")).to_contain_text("made-up jobs")
        expect(page.locator(".vpo-note")).to_have_count(0)
