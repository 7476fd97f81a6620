"""The timeline under a pointer and a keyboard, while jobs arrive."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.vpo_server import VpoServer

from .conftest import BADGE, Eventually

BARS = ".vpo-timeline .bars a.bar"


def bar(page: Page, job: str) -> Locator:
    return page.locator(f'{BARS}[href$="{job}"]')


def point_at(page: Page, job: str) -> tuple[float, float]:
    """Rest the pointer on a job's end, as a person does."""
    box = bar(page, job).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y, steps=5)
    return x, y


@pytest.fixture
def failed(server: VpoServer) -> str:
    """A job of three days ago, so that the last day does not show it."""
    begun = datetime.now(UTC) - timedelta(days=3)
    return server.store.add_job(
        job_type="move",
        status="failed",
        file_path="/srv/<i>the one.mkv",
        created_at=begun,
        completed_at=begun + timedelta(hours=9),
    )


def test_hover_tells_click_opens_and_back_keeps_the_choice(
    page: Page, app: str, failed: str
) -> None:
    page.goto(f"{app}/timeline")
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    page.get_by_text("7 d", exact=True).click()
    expect(bar(page, failed)).to_be_attached()
    facts = page.get_by_role("tooltip")
    where = point_at(page, failed)
    expect(facts).to_contain_text("<i>the one.mkv")
    expect(facts).to_contain_text("✕ Failed")
    page.mouse.click(*where)
    expect(page.locator(".st-key-job-file")).to_contain_text("<i>the one.mkv")
    assert page.url.endswith(f"/job?id={failed}")
    page.go_back()
    expect(bar(page, failed)).to_be_attached()
    assert "since=7d" in page.url
    assert len(page.context.pages) == 1


def test_dragging_zooms_and_a_period_or_back_leads_back(page: Page, app: str, failed: str) -> None:
    page.goto(f"{app}/timeline?since=7d")
    expect(bar(page, failed)).to_be_attached()
    x, y = point_at(page, failed)
    page.mouse.move(x - 40, y, steps=2)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=5)
    expect(page.locator(".vpo-timeline .selection")).to_be_visible()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/timeline\?from=[\dT%A-Z:-]+&to=[\dT%A-Z:-]+Z$"))
    expect(page.locator(".vpo-timeline .selection")).to_be_hidden()
    times = page.locator(".vpo-timeline .ticks span", has_text=":00")
    expect(times).not_to_have_count(0)  # the axis of a week has days only
    expect(bar(page, failed)).to_be_attached()
    page.go_back()
    expect(page).to_have_url(re.compile(r"since=7d$"))
    expect(times).to_have_count(0)
    page.go_forward()
    expect(times).not_to_have_count(0)
    page.get_by_text("30 d", exact=True).click()
    expect(page).to_have_url(re.compile(r"/timeline\?since=30d$"))
    expect(times).to_have_count(0)


def test_a_button_released_outside_the_chart_selects_nothing_later(
    page: Page, app: str, failed: str
) -> None:
    page.goto(f"{app}/timeline?since=7d")
    expect(bar(page, failed)).to_be_attached()
    x, y = point_at(page, failed)
    page.mouse.down()
    page.mouse.move(x, 5, steps=5)
    page.mouse.up()
    page.mouse.move(x - 60, y, steps=5)
    expect(page.locator(".vpo-timeline .selection")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"since=7d$"))


def test_the_keyboard_reaches_every_bar_and_opens_it(page: Page, app: str, failed: str) -> None:
    page.goto(f"{app}/timeline?since=7d")
    expect(page.locator(BADGE)).to_be_visible()
    expect(bar(page, failed)).to_be_attached()
    count = page.locator(BARS).count()
    expect(page.locator(f'{BARS}[tabindex="0"]')).to_have_count(1)
    page.locator(f'{BARS}[tabindex="0"]').focus()
    seen = set()
    lanes = page.locator(".vpo-timeline .lanes div").count()
    for _ in range(lanes):
        page.keyboard.press("ArrowUp")
    for _ in range(lanes):
        page.keyboard.press("Home")
        for _ in range(count):
            seen.add(page.evaluate("document.activeElement.href"))
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    assert len(seen) == count
    bar(page, failed).focus()
    expect(page.get_by_role("tooltip")).to_contain_text("the one")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-job-file")).to_contain_text("the one")


@pytest.mark.long
def test_a_job_that_arrives_leaves_the_other_bars_and_the_open_table_as_they_are(
    page: Page, app: str, server: VpoServer, failed: str
) -> None:
    page.goto(f"{app}/timeline?since=7d&by=slot")
    expect(bar(page, failed)).to_be_attached()
    page.locator(".st-key-timeline-table-open summary").click()
    table = page.locator(".st-key-timeline-table-open canvas").first
    expect(table).to_be_visible()
    canvas = table.element_handle()
    link = bar(page, failed).element_handle()
    assert link is not None
    assert canvas is not None
    before = link.bounding_box()
    new = server.store.add_job(job_type="scan", status="running", file_path="/srv/new")
    expect(bar(page, new)).to_be_attached()
    assert link.evaluate("node => node.isConnected")
    after = link.bounding_box()
    assert before is not None
    assert after is not None
    # Only its start may have become known meanwhile, which is the next line within its lane.
    assert (after["x"], after["width"]) == (before["x"], before["width"])
    assert canvas.is_visible()


@pytest.mark.long
def test_nothing_changes_under_a_pointer_on_its_way(
    page: Page, app: str, server: VpoServer, failed: str, eventually: Eventually
) -> None:
    page.goto(f"{app}/timeline?since=7d")
    expect(page.locator(BADGE)).to_be_visible()
    expect(bar(page, failed)).to_be_attached()
    new = server.store.add_job(job_type="scan", status="running", file_path="/srv/new")
    ticks = len(server.requests) + 4
    step = 0
    while len(server.requests) < ticks:
        step += 1
        page.mouse.move(500 + step % 50, 260)
        assert bar(page, new).count() == 0
    page.mouse.move(5, 5)
    expect(bar(page, new)).to_be_attached()


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_timeline_has_no_violation_that_axe_finds(
    page: Page, app: str, failed: str, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(f"{app}/timeline?since=7d")
    expect(page.locator(BADGE)).to_be_visible()
    expect(bar(page, failed)).to_be_attached()
    found = Axe().run(page, context=".vpo-timeline")
    assert [violation["id"] for violation in found.response["violations"]] == []
    page.set_viewport_size({"width": 390, "height": 900})
    name = page.locator(".vpo-timeline .lanes span").first
    assert name.evaluate(
        "one => getComputedStyle(one).backgroundColor"
        " === getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    )
