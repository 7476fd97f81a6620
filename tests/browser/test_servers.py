"""Several servers: the switch, links that lead to the same server, Back and a reload."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.vpo_server import Fault, VpoServer, start

from .conftest import BADGE, click_row, list_servers, running_app

NAMES = ("Attic & co", "Barn")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[dict[str, VpoServer]]:
    """Two servers, as the secrets in a home folder list them; each runs one job."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(start(worker=False, history=0, rate_limit=None))
            for name in NAMES
        }
        for name, server in running.items():
            server.store.add_job(job_type="move", status="running", file_path=f"/{name[:5]}.mkv")
        list_servers(tmp_path, running)
        yield running


@pytest.fixture
def app(two: dict[str, VpoServer], tmp_path: Path) -> Iterator[str]:
    with running_app(HOME=str(tmp_path), VPO_MONITOR_POLL_INTERVAL="2") as url:
        yield url


def at(page: Page, path: str, server: str) -> None:
    """Wait for a page of a server, live, with its address."""
    expect(page).to_have_title(re.compile(f" · {server} · VPO Monitor$"))
    expect(page.locator(BADGE)).to_contain_text("Live")
    in_url = rf"\?(.*&)?server={server.split(maxsplit=1)[0]}"
    # The first server needs no parameter in the URL that opened the app.
    expect(page).to_have_url(
        re.compile(path + (f"({in_url}|(?!.*server=))" if server == NAMES[0] else in_url))
    )


def test_a_switch_opens_the_same_page_of_the_other_server_and_back_returns(
    page: Page, app: str
) -> None:
    page.goto(f"{app}/jobs?status=running")
    at(page, "/jobs", "Attic & co")
    page.get_by_role("navigation", name="Servers").get_by_role("link", name="Barn").click()
    at(page, "/jobs", "Barn")
    assert "status=running" in page.url
    expect(page.locator('.st-key-server-switch [aria-current="true"]')).to_have_text("Barn")
    click_row(page, 0)
    at(page, "/job", "Barn")
    expect(page.locator(".st-key-job-file")).to_contain_text("Barn.mkv")
    page.go_back()
    at(page, "/jobs", "Barn")
    page.go_back()
    at(page, "/jobs", "Attic & co")
    page.reload()
    at(page, "/jobs", "Attic & co")
    page.go_forward()
    at(page, "/jobs", "Barn")


@pytest.mark.long
def test_from_a_job_the_switch_leads_to_the_list(page: Page, app: str) -> None:
    page.goto(f"{app}/jobs?server=Barn")
    click_row(page, 0)
    at(page, "/job", "Barn")
    page.get_by_role("link", name="Attic & co").click()
    at(page, "/jobs", "Attic & co")
    assert "id=" not in page.url


@pytest.mark.long
@pytest.mark.parametrize(("link", "path"), [("Jobs", "/jobs"), ("Barn.mkv", "/job")])
def test_a_link_leads_to_the_same_server_in_a_new_tab(
    link: str, path: str, page: Page, app: str
) -> None:
    page.goto(f"{app}/?server=Barn")
    at(page, "/", "Barn")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=link, exact=True).click(button="middle")
    at(opened.value, path, "Barn")
    page.get_by_role("link", name=link, exact=True).click()
    at(page, path, "Barn")


@pytest.mark.long
def test_a_filter_keeps_the_server_in_the_address(page: Page, app: str) -> None:
    page.goto(f"{app}/jobs?server=Barn")
    at(page, "/jobs", "Barn")
    page.get_by_role("textbox", name="Path contains").fill("arn")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("search=arn"))
    at(page, "/jobs", "Barn")


@pytest.mark.long
def test_what_is_followed_at_one_server_is_not_followed_at_the_other(page: Page, app: str) -> None:
    page.goto(f"{app}/jobs?server=Barn")
    click_row(page, 0)
    expect(page.locator(".st-key-job-file")).to_contain_text("Barn.mkv")
    page.get_by_text("Notify when finished").click()
    followed = "() => Object.entries(sessionStorage).filter(([name]) => name.includes('followed'))"
    job = re.findall(r"[0-9a-f-]{36}", page.url)[0]
    page.wait_for_function(f"() => JSON.stringify(({followed})()).includes('{job}')")
    page.get_by_role("link", name="Attic & co").click()
    at(page, "/jobs", "Attic & co")
    page.wait_for_function(f"() => ({followed})().length === 2")
    kept = {name.rpartition(":")[2]: value for name, value in page.evaluate(followed)}
    assert job in kept["Barn"]
    assert job not in kept["Attic & co"]
    page.get_by_role("link", name="Barn", exact=True).click()
    at(page, "/jobs", "Barn")
    click_row(page, 0)
    expect(page.get_by_role("switch", name="Notify when finished")).to_be_checked()


@pytest.mark.long
def test_on_a_phone_the_page_says_its_server_and_the_menu_has_the_others(
    page: Page, app: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}/jobs?server=Barn")
    at(page, "/jobs", "Barn")
    expect(page.locator(".st-key-server-name")).to_have_text("Barn")
    assert page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Attic & co").click()
    at(page, "/jobs", "Attic & co")


@pytest.mark.long
def test_a_kiosk_keeps_its_server(page: Page, app: str) -> None:
    page.goto(f"{app}/?kiosk=1&server=Barn")
    expect(page.locator(".st-key-server-name")).to_have_text("Barn")
    page.get_by_role("link", name="Barn.mkv").click()
    page.wait_for_url(re.compile(r"/job\?id=.*server=Barn"))
    page.reload()
    expect(page.locator(".st-key-server-name")).to_have_text("Barn")


def test_the_key_r_of_the_overview_tries_all_servers(
    page: Page, app: str, two: dict[str, VpoServer]
) -> None:
    two["Barn"].faults.set(Fault.UNAUTHORIZED)
    page.goto(f"{app}/?server=Attic%20%26%20co")
    at(page, "/", "Attic & co")
    barn = page.locator(".st-key-server-list li", has_text="Barn")
    expect(barn).to_contain_text("Token rejected")
    two["Barn"].faults.clear()
    page.keyboard.press("r")
    expect(barn).to_contain_text("Live")


@pytest.mark.long
def test_what_begins_at_another_server_shows_on_the_overview_and_leads_there(
    page: Page, app: str, two: dict[str, VpoServer]
) -> None:
    page.goto(f"{app}/?server=Barn")
    at(page, "/", "Barn")
    others = page.locator(".st-key-server-list li", has_text="Attic")
    expect(others).to_contain_text("Attic.mkv")
    two["Attic & co"].store.add_job(
        job_type="move", status="running", file_path="/New.mkv", progress_percent=12.0
    )
    expect(others).to_contain_text("12 % New.mkv")
    two["Attic & co"].stop()
    expect(others).to_contain_text("No response since")
    expect(page.locator(BADGE)).to_contain_text("Live")
    others.get_by_role("link").click()
    expect(page).to_have_title(re.compile(" · Attic & co · VPO Monitor$"))
    expect(page.locator(BADGE)).to_contain_text(re.compile("Reconnecting|Offline"))
