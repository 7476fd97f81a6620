"""What somebody new meets: the note of the demo, and the way to a server of one's own."""

import itertools
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.vpo_server import Fault, VpoServer, start

from .accessibility import serious_violations
from .conftest import BADGE, running_app, status_tab

BANNER = ".st-key-demo-banner"
SECTION = "Connect your server"


def test_the_banner_of_the_demo_is_one_line_and_leads_on(page: Page) -> None:
    with running_app() as app:
        page.goto(app)
        expect(page.locator(BANNER)).to_contain_text("Demo mode: sample data.")
        assert page.locator(BANNER).evaluate("(banner) => banner.offsetHeight") < 60
        page.get_by_role("link", name="Jobs").click()
        table = page.locator(".st-key-jobs-table")
        expect(table.locator("canvas").first).to_be_visible()
        expect(status_tab(page, "Queued")).to_contain_text(re.compile(r"\d"))
        top = "(table) => table.getBoundingClientRect().top"
        assert table.evaluate(top) <= 240  # where the viewer looks first
        page.get_by_role("link", name=SECTION).click()
        expect(page).to_have_url(re.compile("/server"))
        expect(page.get_by_role("heading", name=SECTION)).to_be_visible()
        expect(page.locator(BANNER)).to_be_visible()
        expect(page.get_by_role("link", name=SECTION)).to_have_count(0)


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
        use = page.get_by_role("button", name="Use this server")
        expect(use).to_be_visible()
        box = use.bounding_box()
        assert box is not None
        assert width < 1280 or box["y"] + box["height"] < 900  # without scrolling
        wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
        assert wide <= width


def test_a_tested_server_is_used_at_once_and_open_tabs_follow_by_themselves(
    page: Page, own_page: Page, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    with start(worker=False, history=0) as vpo, running_app(HOME=str(tmp_path)) as app:
        vpo.store.add_job(job_type="move", status="running", file_path="/srv/wanted.mkv")
        own_page.goto(app)
        expect(own_page.locator(BANNER)).to_be_visible()
        file = tmp_path / ".streamlit" / "secrets.toml"
        file.write_text(f'[vpo_monitor]\napi_url = "{vpo.url}"\n')
        page.goto(f"{app}/server")
        page.get_by_role("button", name="Test settings").click()
        page.get_by_role("button", name="Use this server").click()
        # While it is redrawn there can be two.
        expect(page.locator(".st-key-server-facts", has_text=vpo.url)).to_be_visible()
        expect(page.locator(BANNER)).to_have_count(0)
        expect(own_page.locator(".st-key-running", has_text="wanted.mkv")).to_be_visible()
        expect(own_page.locator(BANNER)).to_have_count(0)
        expect(own_page.locator(BADGE)).to_contain_text("Live")
        assert own_page.get_by_test_id("stException").count() == 0


@pytest.mark.long
def test_tabs_that_show_invalid_settings_follow_once_these_are_corrected(
    page: Page, own_page: Page, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    file = tmp_path / ".streamlit" / "secrets.toml"
    file.write_text('[vpo_monitor]\napi_url = "ftp://vpo"\n')
    with start(worker=False, history=0) as vpo, running_app(HOME=str(tmp_path)) as app:
        for tab in (own_page, page):
            tab.goto(app)
            expect(tab.get_by_text("Can't connect to VPO")).to_be_visible()
        file.write_text(f'[vpo_monitor]\napi_url = "{vpo.url}"\n')
        page.get_by_role("button", name="Test settings").click()
        page.get_by_role("button", name="Use this server").click()
        for tab in (page, own_page):
            expect(tab.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))


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
def test_it_is_in_view_only_while_no_answer_comes(page: Page, app: str, server: VpoServer) -> None:
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
    page: Page, app: str, server: VpoServer
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
            expect(page.locator(BANNER)).to_be_visible()
            if path == "server":
                page.get_by_role("button", name="Test settings").click()
                expect(page.locator(".st-key-connect")).to_contain_text(
                    re.compile("found|Test not started|All checks passed")
                )
            assert serious_violations(page) == {}, (path, width)
