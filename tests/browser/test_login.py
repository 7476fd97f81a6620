"""Nobody sees anything, and nothing is asked of the server, before somebody has logged in."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from bench.running_app import free_port
from tests.browser.conftest import BADGE, running_app, shared_app
from tests.oidc_provider import Provider, running_provider
from vpo_monitor.demo import DemoServer, start

PASSWORD = "open sesame"


def log_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def expect_a_live_page(page: Page) -> None:
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))


def expect_the_login_alone(page: Page) -> None:
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stSidebar] a")).to_have_count(0)
    expect(page.locator(".st-key-connection")).to_have_count(0)
    expect(page.locator(".st-key-status-bar")).to_have_count(0)
    expect(page.locator("[data-testid=stDataFrame]")).to_have_count(0)


@pytest.fixture(scope="module")
def guarded_server() -> Iterator[DemoServer]:
    with start(worker=False, history=30, seed=1, rate_limit=None) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(guarded_server: DemoServer) -> Iterator[str]:
    """The address of an app that `make share` opened, below a path, as behind a proxy."""
    with shared_app(
        VPO_MONITOR_API_URL=guarded_server.url,
        VPO_MONITOR_POLL_INTERVAL="2",
        VPO_MONITOR_PASSWORD=PASSWORD,
        STREAMLIT_SERVER_BASE_URL_PATH="video/vpo",
    ) as url:
        yield url


def test_a_login_lasts_over_reloads_and_in_other_tabs_until_log_out_ends_it_in_all(
    own_page: Page, guarded: str, guarded_server: DemoServer
) -> None:
    page = own_page
    addresses: list[str] = []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    page.goto(f"{guarded}/jobs")
    log_in(page)
    expect_a_live_page(page)
    page.reload()
    expect_a_live_page(page)
    other = page.context.new_page()  # hears of nothing until its next tick
    other.add_init_script("window.BroadcastChannel = class { postMessage() {} close() {} }")
    other.goto(f"{guarded}/statistics")
    expect_a_live_page(other)
    # A finished job's page never ticks: only the other tab can tell it.
    finished = page.context.new_page()
    job = guarded_server.store.add_job(job_type="move", status="completed")
    finished.goto(f"{guarded}/job?id={job}")
    expect(finished.locator(BADGE)).to_contain_text("Finished")

    page.get_by_role("button", name="Log out").click()
    for tab in (page, other, finished):
        expect_the_login_alone(tab)
    names = [cookie.get("name", "") for cookie in page.context.cookies()]
    assert not [name for name in names if name.startswith("vpo-monitor")]
    page.reload()
    expect_the_login_alone(page)
    assert not [address for address in addresses if "sesame" in address]


@pytest.mark.long
def test_a_tab_that_hears_of_nothing_is_out_with_the_others_and_stays_out(
    page: Page, guarded: str
) -> None:
    """Both go by one token, though they logged in one by one: nobody has to be told."""
    other = page.context.new_page()
    other.add_init_script("window.BroadcastChannel = class { postMessage() {} close() {} }")
    for tab in (page, other):
        tab.goto(f"{guarded}/jobs")
        expect_the_login_alone(tab)
    for tab in (page, other):
        log_in(tab)
        expect_a_live_page(tab)
    other.get_by_role("link", name="Statistics").click()
    expect_a_live_page(other)
    page.get_by_role("button", name="Log out").click()
    expect_the_login_alone(page)
    expect_the_login_alone(other)
    for tab in (page, other):
        tab.reload()
        expect_the_login_alone(tab)


@pytest.mark.long
def test_back_after_a_log_out_ends_no_later_login(page: Page, guarded: str) -> None:
    page.goto(guarded)
    log_in(page)
    expect_a_live_page(page)
    page.get_by_role("link", name="Jobs", exact=True).click()
    expect(page).to_have_url(re.compile("/jobs"))
    expect_a_live_page(page)
    page.get_by_role("button", name="Log out").click()
    expect_the_login_alone(page)
    later = page.context.new_page()
    later.goto(guarded)
    log_in(later)
    expect_a_live_page(later)
    page.go_back()
    expect(page).not_to_have_url(re.compile("/jobs"))
    later.reload()
    expect_a_live_page(later)


@pytest.mark.long
def test_a_cookie_of_an_earlier_start_makes_way(page: Page, guarded: str) -> None:
    name = f"vpo-monitor-{urlsplit(guarded).port}"
    page.context.add_cookies(
        [
            {
                "name": name,
                "value": "of-an-earlier-start",
                "domain": "127.0.0.1",
                "path": "/video/vpo",
            }
        ]
    )
    page.goto(guarded)
    expect_the_login_alone(page)
    log_in(page)
    expect_a_live_page(page)
    page.reload()
    expect_a_live_page(page)


def test_the_cookie_ends_with_the_browser_and_goes_to_this_app_alone(
    page: Page, guarded: str
) -> None:
    page.goto(guarded)
    log_in(page)
    expect_a_live_page(page)
    (cookie,) = [c for c in page.context.cookies() if c.get("name", "").startswith("vpo-monitor")]
    assert cookie.get("expires") == -1
    assert cookie.get("sameSite") == "Strict"
    assert cookie.get("path") == "/video/vpo"
    assert PASSWORD not in cookie.get("value", "")


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
    expect(page.locator(BADGE)).to_contain_text("Finished")


@pytest.mark.long
def test_wrong_passwords_are_slowed_down_and_who_is_in_stays_in(
    page: Page, browser: Browser, guarded: str
) -> None:
    page.goto(f"{guarded}/jobs")
    log_in(page)
    expect_a_live_page(page)
    context = browser.new_context()
    stranger = context.new_page()
    stranger.goto(guarded)
    for _ in range(3):
        field = stranger.get_by_label("Password", exact=True)
        log_in(stranger, "open barley")
        expect(field).to_have_value("")
    expect(stranger.get_by_text("Wrong password. Try again in 1 s.")).to_be_visible()
    log_in(stranger)
    expect(stranger.get_by_text(re.compile("Too many attempts"))).to_be_visible()
    context.close()
    page.get_by_role("button", name="Refresh").click()
    expect_a_live_page(page)
    page.reload()
    expect_a_live_page(page)


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("{own}", "http://{own}", 101),
        ("localhost:{port}", "http://localhost:{port}", 403),  # not the address in use
        ("foreign.invalid:{port}", "http://foreign.invalid:{port}", 403),
        ("{own}", "http://foreign.invalid", 403),
        ("{own}", "null", 403),
    ],
)
def test_a_foreign_page_or_a_foreign_name_for_this_machine_cannot_connect(
    host: str, origin: str, status: int, guarded: str
) -> None:
    address = urlsplit(guarded)
    place = {"own": address.netloc, "port": address.port}
    connection = HTTPConnection(address.netloc, timeout=10)
    connection.request(
        "GET",
        f"{address.path}/_stcore/stream",
        headers={
            "Host": host.format(**place),
            "Origin": origin.format(**place),
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        },
    )
    assert connection.getresponse().status == status
    connection.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.mark.long
def test_an_account_elsewhere_lets_in_those_on_the_list_and_log_out_ends_it_in_all_tabs(
    page: Page, browser: Browser, provider: Provider, server: DemoServer, tmp_path: Path
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
        log_in_button = page.get_by_role("button", name="Log in with your account")
        expect(log_in_button).to_be_visible()
        expect(page.locator(".st-key-status-bar")).to_have_count(0)

        provider.claims = {"email": "eve@foreign.invalid", "email_verified": True}
        log_in_button.click()
        expect(page.get_by_text("eve@foreign.invalid does not have access")).to_be_visible()
        expect(page.locator(".st-key-status-bar")).to_have_count(0)
        assert not server.requests
        page.get_by_role("button", name="Use another account").click()

        provider.claims = {"email": "ann@example.org", "email_verified": True}
        log_in_button.click()
        expect_a_live_page(page)
        assert server.requests
        job = server.store.add_job(job_type="move", status="completed")
        other = page.context.new_page()
        other.goto(f"{app}/job?id={job}")
        expect(other.locator(BADGE)).to_contain_text("Finished")
        held = page.context.storage_state()
        page.get_by_role("button", name="Log out").click()
        for tab in (page, other, copy_of(browser, app, held)):
            expect(tab.get_by_role("button", name="Log in with your account")).to_be_visible()
            expect(tab.locator(".st-key-status-bar")).to_have_count(0)


def copy_of(browser: Browser, app: str, held: StorageState) -> Page:
    """A page of somebody who has a copy of a browser's cookies, and one more beside them."""
    context = browser.new_context(storage_state=held)
    assert any(one.get("name") == "_streamlit_user" for one in context.cookies())
    context.add_cookies([{"name": "_streamlit_user_9", "value": "x", "url": app}])
    page = context.new_page()
    page.goto(f"{app}/jobs")
    return page
