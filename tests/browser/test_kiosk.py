"""A screen on the wall: large type, and nothing that waits for a hand."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.shown_again import SHOW
from tests.vpo_server import VpoServer, start

from .conftest import BADGE, list_servers, running_app
from .test_overview import CARD, end, run

FONT = """(selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"""
INSIDE = """() => document.querySelector(".stMain").scrollWidth <= innerWidth"""
END_OF_FIRST_HEADING = """() => {
  const heading = document.querySelector("h3");
  const { bottom } = heading.getBoundingClientRect();
  return bottom - parseFloat(getComputedStyle(heading).paddingBottom);
}"""
HIGHER = """() => {
  const main = document.querySelector(".stMain");
  return main.scrollHeight - main.clientHeight;
}"""
CUT = """() => [...document.querySelectorAll(".vpo-list")].flatMap((list) => {
  const { bottom, right } = list.getBoundingClientRect();
  const boxes = [...list.children].map((line) => line.getBoundingClientRect());
  return boxes.filter((box) => box.left < right - 1 && box.bottom > bottom + 1);
}).length"""
NAMES = ("Attic", "Barn", "Cellar", "Den", "Edge of the world", "Farm", "Garage", "Hall")


@pytest.mark.parametrize(
    ("width", "height"), [(1920, 1080), pytest.param(3840, 2160, marks=pytest.mark.long)]
)
def test_the_overview_can_be_read_from_afar(
    width: int, height: int, page: Page, app: str, server: VpoServer
) -> None:
    run(server, progress_percent=40.0)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{app}/?kiosk=1")
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(page.locator(CARD)).to_be_visible()
    for what in (".st-key-running .name", ".st-key-counts dd"):
        assert page.evaluate(FONT, what) >= width / 80
    assert page.evaluate(INSIDE)
    card = page.locator(CARD).bounding_box()
    assert card
    assert page.evaluate(END_OF_FIRST_HEADING) <= card["y"]
    for part in (BADGE, ".st-key-counts", CARD, ".st-key-failures a", ".st-key-queue"):
        expect(page.locator(part).first).to_be_in_viewport()
    expect(page.locator(".st-key-connection .clock")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    for part in ("stSidebar", "stHeader", "stButton"):
        for element in page.get_by_test_id(part).all():
            expect(element).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("combobox")).to_have_count(0)


def test_the_lists_fill_the_rest_of_the_screen(page: Page, app: str, server: VpoServer) -> None:
    for _ in range(4):
        server.store.add_job()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{app}/?kiosk=1")
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(page.locator(".st-key-queue li")).to_have_count(4)
    for number in range(4):
        expect(page.locator(".st-key-queue li").nth(number)).to_be_in_viewport()
    assert page.evaluate(HIGHER) <= 0


def test_a_kiosk_stays_one_on_other_pages_and_after_a_reload(
    page: Page, app: str, server: VpoServer
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


@pytest.mark.long
def test_six_jobs_beside_four_servers_are_no_higher_than_the_screen(
    page: Page, tmp_path: Path
) -> None:
    with on_the_wall(tmp_path, 4) as (app, servers):
        for number in range(4):
            name = f"/srv/A name that is as long as names of films become S01E0{number}.mkv"
            run(servers[0], name, progress_percent=20.0 + number)
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.goto(f"{app}/?kiosk=1")
        expect(page.locator(CARD)).to_have_count(6)
        servers[0].store.add_job(job_type="move", status="queued", file_path="/new.mkv")
        expect(page.locator(".st-key-activity li").first).to_be_visible()
        expect(page.locator(CARD)).to_have_count(6)
        expect_all_in_view(page)


@pytest.mark.long
def test_what_happens_is_told_by_no_toast(page: Page, app: str, server: VpoServer) -> None:
    job = run(server)
    page.goto(f"{app}/?kiosk=1")
    expect(page.locator(CARD)).to_have_count(1)
    end(server, job, status="failed", error_message="No space left")
    expect(page.locator(".st-key-activity-list")).to_contain_text("Failed · process")
    expect(page.locator(".st-key-connection .toast")).to_have_count(0)


@pytest.mark.long
def test_a_demo_on_the_wall_says_that_it_is_one(page: Page) -> None:
    with running_app() as app:
        page.goto(f"{app}/?kiosk=1")
        expect(page.locator(".st-key-demo-banner")).to_contain_text("sample data")
        expect(page.get_by_role("link", name="Connect your server")).to_have_count(0)


@contextmanager
def on_the_wall(home: Path, count: int) -> Iterator[tuple[str, list[VpoServer]]]:
    """An app that watches so many servers, each with two jobs that run and a queue."""
    with ExitStack() as stack:
        listed = {
            name: stack.enter_context(start(worker=False, history=30, seed=seed, rate_limit=None))
            for seed, name in enumerate(NAMES[:count], 1)
        }
        for server in listed.values():
            run(server, progress_percent=40.0)
            run(server, "/srv/Tears of Steel.mkv")
            for number in range(8):
                server.store.add_job(job_type="move", status="queued", file_path=f"/{number}.mkv")
        list_servers(home, listed)
        app = running_app(HOME=str(home), VPO_MONITOR_POLL_INTERVAL="2")
        yield stack.enter_context(app), list(listed.values())


def expect_all_in_view(page: Page) -> None:
    """Nothing is below the screen, no line of a list is cut, and each list has one."""
    page.wait_for_function(f"() => ({HIGHER})() <= 0")
    assert page.evaluate(INSIDE)
    assert page.evaluate(CUT) == 0
    parts = (".st-key-counts", ".st-key-outlook", ".st-key-queue li", ".st-key-failures li")
    for part in (BADGE, *parts):
        expect(page.locator(part).first).to_be_in_viewport(ratio=1)
    for card in page.locator(CARD).all():
        expect(card).to_be_in_viewport(ratio=1)


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_the_overview_of_several_servers_is_no_higher_than_the_screen(
    count: int, page: Page, tmp_path: Path
) -> None:
    with on_the_wall(tmp_path, count) as (app, servers):
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.goto(f"{app}/?kiosk=1")
        expect(page.locator(BADGE)).to_contain_text("Live")
        expect(page.locator(CARD)).to_have_count(2)
        expect_all_in_view(page)
        lines = page.locator(".st-key-server-list li")
        expect(lines).to_have_count(count if count > 1 else 0)
        if count > 1:
            servers[-1].stop()
            expect(lines.last).to_contain_text("No response since")
            expect(lines.last.get_by_text("No response since")).to_be_visible()
        for line in lines.all():
            expect(line).to_be_in_viewport(ratio=1)
        expect_all_in_view(page)
        for width, height in ((1280, 720), (3840, 2160)):
            page.set_viewport_size({"width": width, "height": height})
            expect_all_in_view(page)
        page.set_viewport_size({"width": 1920, "height": 1080})
        servers[0].stop()  # the one whose jobs are shown
        expect(page.locator("html")).to_have_attribute("data-failing", "")
        expect(page.get_by_text("cannot be reached")).to_be_visible()
        expect_all_in_view(page)


# Whether the page was ever neither there nor covered by the picture of the one before. Until the
# picture is ready the browser draws nothing, though the installed clock goes on.
NOTE_BLANKS = """() => {
  window.blanks = 0;
  let isDrawing = true;
  const startViewTransition = document.startViewTransition.bind(document);
  document.startViewTransition = (change) => {
    isDrawing = false;
    const transition = startViewTransition(change);
    transition.ready.catch(() => {}).then(() => { isDrawing = true; });
    return transition;
  };
  const look = () => {
    const isShown = document.querySelector(".st-key-page[data-shown]");
    const covers = document.getAnimations().some(
      (one) => one.effect.pseudoElement === "::view-transition-old(root)");
    if (isDrawing && !isShown && !covers) window.blanks += 1;
    requestAnimationFrame(look);
  };
  look();
}"""


def test_pages_take_turns_without_a_gap_and_without_entries_in_the_history(
    clocked_page: Page, app: str, server: VpoServer
) -> None:
    page = clocked_page
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{app}/?kiosk=1&rotate=overview,server,timeline&every=20&interval=2")
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    entries = page.evaluate("() => history.length")
    page.evaluate(NOTE_BLANKS)
    for name in ("server", "timeline", "", "server"):
        page.clock.fast_forward("00:21")
        page.wait_for_url(re.compile(rf"/{name}\?kiosk=1&rotate=[^&]+&every=20&interval=2"))
        title = name.capitalize() or "Overview"
        expect(page.locator("h1")).to_have_text(title)
        # Its turn begins with its own first tick, until when the badge is the last page's.
        page.wait_for_function("(title) => vpoStatus.turn.page.startsWith(title)", arg=title)
        expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    assert page.evaluate("() => history.length") == entries
    assert page.evaluate("() => window.blanks") == 0
    assert errors == []


def test_a_page_stays_while_it_is_hidden_or_the_app_is_gone(
    clocked_page: Page, server: VpoServer
) -> None:
    page = clocked_page
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as app:
        page.goto(f"{app}/?kiosk=1&rotate=overview,server&every=10")
        expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
        url = page.url
        page.evaluate(SHOW, "hidden")
        page.clock.fast_forward("10:00")
        assert page.url == url
    page.evaluate(SHOW, "visible")
    page.clock.fast_forward("10:00")
    assert page.url == url
