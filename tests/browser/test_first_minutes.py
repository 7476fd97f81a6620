"""What somebody new meets: the note of the demo, and the way to a server of one's own."""

import itertools
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from vpo_monitor.demo import DemoServer, Fault, start

from .accessibility import serious_violations
from .conftest import BADGE, running_app

BANNER, NOTE = ".st-key-demo-banner", ".st-key-demo-note"
SECTION = "Connect your server"
# How high the note was in each frame in which what follows it was there too.
_HEIGHTS = """
window.heights = [];
const look = () => {
  const note = document.querySelector(".st-key-demo-note");
  if (document.querySelector(".st-key-connection")) window.heights.push(note?.offsetHeight ?? 0);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def test_the_note_of_the_demo_leads_on_and_stays_away_when_hidden_but_the_banner_stays(
    page: Page,
) -> None:
    with running_app() as app:
        page.goto(app)
        expect(page.locator(NOTE)).to_contain_text("It is read-only.")
        page.get_by_role("link", name=SECTION).click()
        expect(page).to_have_url(re.compile("/server"))
        expect(page.get_by_role("heading", name=SECTION)).to_be_visible()
        page.go_back()
        page.get_by_role("button", name="Dismiss").click()
        expect(page.locator(NOTE)).to_be_hidden()
        page.get_by_role("link", name="Jobs").click()
        expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
        expect(page.locator(BADGE)).to_contain_text("Live")
        page.reload()
        expect(page.locator(BADGE)).to_contain_text("Live")
        expect(page.locator(NOTE)).to_have_count(0)
        expect(page.locator(BANNER)).to_contain_text("sample data")
        (cookie,) = (one for one in page.context.cookies() if one["name"].endswith("-demo-note"))
        assert (cookie["value"], cookie["sameSite"], cookie["expires"]) == ("hidden", "Strict", -1)


@pytest.mark.long
def test_where_the_browser_keeps_nothing_the_note_is_hidden_until_the_page_is_loaded_anew(
    own_page: Page,
) -> None:
    page = own_page
    page.add_init_script(
        """Object.defineProperty(document, "cookie", { get: () => "",
          set() { throw new DOMException("closed", "SecurityError"); } });"""
    )
    with running_app() as app:
        page.goto(app)
        page.get_by_role("button", name="Dismiss").click()
        expect(page.locator(NOTE)).to_have_count(0)
        page.get_by_role("link", name="Jobs").click()
        expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
        expect(page.locator(BADGE)).to_contain_text("Live")
        expect(page.locator(NOTE)).to_have_count(0)
        page.reload()
        expect(page.locator(NOTE)).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390])
def test_the_note_is_there_before_what_follows_it_and_pushes_nothing_down(
    width: int, own_page: Page
) -> None:
    page = own_page
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(_HEIGHTS)
    with running_app() as app:
        for path in ("", "jobs"):
            page.goto(f"{app}/{path}")
            expect(page.locator(BADGE)).to_contain_text("Live")
            expect(page.get_by_role("button", name="Dismiss")).to_be_visible()
            heights = page.evaluate("window.heights")
            assert heights[0] > 0
            assert max(heights) <= heights[0]


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.long)])
def test_what_the_file_says_now_is_tested_and_what_was_found_is_said(
    width: int, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    page.set_viewport_size({"width": width, "height": 900})
    with start(worker=False, history=0) as vpo, running_app(HOME=str(tmp_path)) as app:
        page.goto(f"{app}/server")
        press = page.get_by_role("button", name="Test settings")
        expect(page.locator(".st-key-connect")).to_contain_text(".streamlit/secrets.toml")
        (folder / "secrets.toml").write_text(f'[vpo_monitor]\napi_url = "{vpo.url}"\n')
        press.click()
        section = page.locator(".st-key-connect")
        expect(section).to_contain_text(f"VPO answers at {vpo.url}.")
        expect(section).to_contain_text("Restart the app to apply")
        wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
        assert wide <= width


@pytest.mark.long
def test_what_is_to_be_fixed_is_told_from_the_rest_at_a_glance(page: Page, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    file = tmp_path / ".streamlit" / "secrets.toml"
    file.write_text('[vpo_monitor]\napi_url = "http://127.0.0.1:1"\n')
    with running_app(HOME=str(tmp_path)) as app:
        page.goto(f"{app}/server")
        page.get_by_role("button", name="Test settings").click()
        expect(page.get_by_text("✓ Settings")).to_have_css("font-weight", "400")
        expect(page.get_by_text("✗ Address")).to_have_css("font-weight", "600")
        expect(page.locator(".st-key-fix-1")).to_have_css("border-left-width", "4px")


@pytest.mark.long
def test_it_is_in_view_only_while_no_answer_comes(page: Page, app: str, server: DemoServer) -> None:
    page.goto(f"{app}/server")
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    section = page.get_by_role("heading", name=SECTION)
    expect(page.locator(".st-key-connect-again")).to_have_count(1)
    expect(section).to_be_hidden()
    server.faults.set(Fault.REFUSED)
    expect(section).to_be_visible()
    server.faults.clear()
    page.get_by_role("button", name="Refresh").click()
    expect(section).to_be_hidden()


@pytest.mark.long
def test_it_is_in_view_where_a_server_that_is_well_refuses_the_token(
    page: Page, app: str, server: DemoServer
) -> None:
    page.goto(f"{app}/server")
    expect(page.locator(BADGE)).to_contain_text("Idle")
    server.faults.set(Fault.UNAUTHORIZED, routes={"jobs", "logs"})
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(BADGE)).to_contain_text("Token rejected")
    expect(page.locator(".stMain")).to_contain_text("requires a valid token")
    section = page.get_by_role("heading", name=SECTION)
    expect(section).to_be_visible()
    server.faults.clear()
    page.get_by_role("button", name="Refresh").click()
    expect(section).to_be_hidden()
    expect(page.locator(BADGE)).to_contain_text("Idle")


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(scheme: Literal["light", "dark"], page: Page) -> None:
    page.emulate_media(color_scheme=scheme)
    with running_app() as app:
        for path, width in itertools.product(("", "server", "?kiosk=1"), (1280, 390)):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{app}/{path}")
            expect(page.locator(BADGE)).to_contain_text("Live")
            expect(page.locator(NOTE if path == "" else BANNER)).to_be_visible()
            if path == "server":
                page.get_by_role("button", name="Test settings").click()
                expect(page.locator(".st-key-connect")).to_contain_text(
                    re.compile("found|Test not started|All checks passed")
                )
            assert serious_violations(page) == {}, (path, width)
