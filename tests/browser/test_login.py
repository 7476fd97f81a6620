"""Nobody sees anything, and nothing is asked of the server, before somebody has logged in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.running_app import free_port
from tests.browser.accessibility import serious_violations
from tests.browser.conftest import BADGE, running_app, shared_app
from tests.oidc_provider import Provider, running_provider
from tests.vpo_server import VpoServer, start

PASSWORD = "open sesame"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def log_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def expect_a_live_page(page: Page) -> None:
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))


def expect_the_login(page: Page) -> None:
    expect(page).to_have_url(re.compile("/video/vpo/login"))
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


@pytest.fixture(scope="module")
def guarded_server() -> Iterator[VpoServer]:
    with start(worker=False, history=30, seed=1, rate_limit=None) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(guarded_server: VpoServer) -> Iterator[str]:
    """The address of an app that `make share` opened, below a path, as behind a proxy."""
    with shared_app(
        VPO_MONITOR_API_URL=guarded_server.url,
        VPO_MONITOR_POLL_INTERVAL="2",
        VPO_MONITOR_PASSWORD=PASSWORD,
        STREAMLIT_SERVER_BASE_URL_PATH="video/vpo",
    ) as url:
        yield url


def test_a_login_lasts_over_reloads_and_in_other_tabs_until_log_out_ends_it_in_all(
    own_page: Page, guarded: str
) -> None:
    page = own_page
    addresses: list[str] = []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    page.goto(f"{guarded}/jobs?search=x")
    expect_the_login(page)
    log_in(page)
    expect(page).to_have_url(f"{guarded}/jobs?search=x")
    expect_a_live_page(page)
    page.reload()
    expect_a_live_page(page)
    other = page.context.new_page()
    other.goto(f"{guarded}/statistics")
    expect_a_live_page(other)

    page.get_by_role("button", name="Log out").click()
    expect_the_login(page)
    names = [cookie.get("name", "") for cookie in page.context.cookies()]
    assert not [name for name in names if name.startswith("vpo-monitor")]
    expect_the_login(other)  # by itself: a reload in that moment would be aborted
    page.go_back()
    expect_the_login(page)
    assert not [address for address in addresses if "sesame" in address]


def test_without_scripts_the_form_works_and_says_what_is_wrong(
    browser: Browser, guarded: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{guarded}/server")
    log_in(page, "open barley")
    expect(page.get_by_role("alert")).to_have_text(
        "Wrong password. Try again, or ask your administrator."
    )
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    log_in(page)
    expect(page).to_have_url(f"{guarded}/server")
    context.close()


def test_the_form_is_accessible_and_fits_the_screen(browser: Browser, guarded: str) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(guarded)
    expect_the_login(page)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert not serious_violations(page)
    context.close()


def test_the_cookie_is_out_of_reach_of_scripts_and_goes_to_this_app_alone(
    page: Page, guarded: str
) -> None:
    page.goto(guarded)
    log_in(page)
    expect_a_live_page(page)
    (cookie,) = [c for c in page.context.cookies() if c.get("name", "").startswith("vpo-monitor")]
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Lax"
    assert cookie.get("path") == "/video/vpo"
    assert PASSWORD not in cookie.get("value", "")
    assert cookie.get("name", "?") not in page.evaluate("document.cookie")


@pytest.mark.long
def test_links_stay_below_the_path_of_the_app(page: Page, guarded: str) -> None:
    page.goto(guarded)
    log_in(page)
    expect_a_live_page(page)
    page.get_by_role("link", name="Jobs", exact=True).click()
    expect(page).to_have_url(re.compile(r"/video/vpo/jobs"))
    expect_a_live_page(page)
    page.goto(guarded)
    page.locator(".st-key-failures a").first.click()
    expect(page).to_have_url(re.compile(r"/video/vpo/job\?id="))
    expect(page.locator(BADGE)).to_contain_text("Failed")


def test_a_tab_whose_session_has_ended_offers_the_login(page: Page, guarded: str) -> None:
    page.goto(f"{guarded}/jobs?search=x")
    log_in(page)
    expect_a_live_page(page)
    other = page.context.new_page()
    other.goto(f"{guarded}/statistics")
    expect_a_live_page(other)
    other.get_by_role("button", name="Log out").click()
    expect_the_login(other)
    expect(page.get_by_text("Your session has ended.")).to_be_visible(timeout=10_000)
    log_in(page)
    expect(page).to_have_url(f"{guarded}/jobs?search=x")


def test_no_other_page_can_embed_the_app(own_page: Page, guarded: str) -> None:
    page = own_page
    page.goto(guarded)
    log_in(page)
    expect_a_live_page(page)
    for path in ("", "/login"):
        page.goto("about:blank")
        page.set_content(f'<iframe src="{guarded}{path}"></iframe>')
        expect(page.frame_locator("iframe").get_by_text("VPO Monitor")).to_have_count(0)
        frame = page.frames[1]
        frame.wait_for_load_state()
        assert frame.url.startswith("chrome-error:")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.mark.long
def test_an_account_elsewhere_lets_in_those_on_the_list_and_log_out_ends_it_in_all_tabs(
    page: Page, browser: Browser, provider: Provider, server: VpoServer, tmp_path: Path
) -> None:
    port = free_port()
    (tmp_path / ".streamlit").mkdir()
    secrets = provider.secrets_toml(f"http://127.0.0.1:{port}")
    (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets)
    settings = {
        "VPO_MONITOR_API_URL": server.url,
        "VPO_MONITOR_ALLOWED_EMAILS": "ann@example.org, house.example",
        "HOME": str(tmp_path),
    }
    with running_app(port, **settings) as app:
        page.goto(f"{app}/jobs")
        log_in_button = page.get_by_role("link", name="Log in with your account")
        provider.claims = {"email": "eve@foreign.invalid", "email_verified": True}
        log_in_button.click()
        expect(page.get_by_text("eve@foreign.invalid does not have access")).to_be_visible()
        assert not server.requests
        page.get_by_role("link", name="Back to login").click()

        provider.claims = {"email": "ann@example.org", "email_verified": True}
        log_in_button.click()
        expect(page).to_have_url(f"{app}/jobs")
        expect_a_live_page(page)
        assert server.requests
        copy = browser.new_context(storage_state=page.context.storage_state())
        other = copy.new_page()
        other.goto(f"{app}/jobs")
        expect_a_live_page(other)
        page.get_by_role("button", name="Log out").click()
        expect(log_in_button).to_be_visible()
        other.reload()
        expect(other.get_by_role("link", name="Log in with your account")).to_be_visible()
        copy.close()
