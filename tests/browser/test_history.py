"""Each step adds one entry to the browser's history, and Back undoes it."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.vpo_server import VpoServer

from .conftest import (
    BADGE,
    Eventually,
    click_row,
    expect_status,
    running_app,
    status_tab,
    wait_until_heard,
)


@pytest.fixture
def job(server: VpoServer) -> str:
    return server.store.add_job(job_type="move", status="failed", file_path="/srv/wanted.mkv")


def entries(page: Page) -> int:
    """Ask the browser: the page's own `history.length` sometimes stays one behind for good."""
    history = page.context.new_cdp_session(page)
    number = len(history.send("Page.getNavigationHistory")["entries"])
    history.detach()
    return number


def test_each_step_is_one_entry_and_back_undoes_it(page: Page, app: str, job: str) -> None:
    page.goto(f"{app}/jobs?type=move")  # a deep link
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    begun = entries(page)
    status_tab(page, "Failed").click()
    page.wait_for_url(f"{app}/jobs?status=failed&type=move")
    assert entries(page) == begun + 1
    page.locator(".st-key-interval-choice button").click()
    page.get_by_role("menuitem", name="Every 60 s").click()
    page.wait_for_url(f"{app}/jobs?status=failed&type=move&interval=60")
    assert entries(page) == begun + 2
    click_row(page, 0)
    page.wait_for_url(f"{app}/job?id={job}&interval=60")
    assert entries(page) == begun + 3
    page.get_by_role("link", name="All jobs").click()
    page.wait_for_url(f"{app}/jobs?status=failed&type=move&selected={job}&interval=60")
    assert entries(page) == begun + 4
    page.get_by_test_id("stSidebar").get_by_role("link", name="Timeline").click()
    page.wait_for_url(f"{app}/timeline?interval=60")  # without the filters
    assert entries(page) == begun + 5
    page.get_by_role("radio", name="7 d", exact=True).click()
    page.wait_for_url(f"{app}/timeline?interval=60&since=7d")
    assert entries(page) == begun + 6
    period = page.get_by_role("radio", name="24 h", exact=True)
    page.go_back()
    page.wait_for_url(f"{app}/timeline?interval=60")
    expect(period).to_be_checked()
    page.go_back()
    page.wait_for_url(f"{app}/jobs?status=failed&type=move&selected={job}&interval=60")
    expect_status(page, "Failed")
    page.go_back()
    page.wait_for_url(f"{app}/job?id={job}&interval=60")
    expect(page.locator(".st-key-job-file")).to_contain_text("wanted.mkv")
    page.go_back()
    page.wait_for_url(re.compile(r"/jobs\?status=failed&type=move&interval=60"))
    expect(page.locator(".st-key-interval-choice")).to_contain_text("Every 60 s")
    page.go_back()
    page.wait_for_url(f"{app}/jobs?status=failed&type=move")
    expect(page.locator(".st-key-interval-choice")).not_to_contain_text("Every 60 s")
    expect_status(page, "Failed")
    page.go_back()
    page.wait_for_url(f"{app}/jobs?type=move")
    expect_status(page, "All")
    assert entries(page) == begun + 6


def test_an_invalid_filter_is_reported_and_adds_no_entry(page: Page, app: str, job: str) -> None:
    page.goto(f"{app}/jobs?status=broken&search=wanted")
    begun = entries(page)
    expect(page.get_by_text("Some filters in the URL are invalid")).to_be_visible()
    expect(page.get_by_label("Path contains")).to_have_value("wanted")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Server").click()
    page.wait_for_url(f"{app}/server")
    page.go_back()
    page.wait_for_url(f"{app}/jobs?status=broken&search=wanted")
    expect(page.get_by_text("Some filters in the URL are invalid")).to_be_visible()
    assert entries(page) == begun + 1


def test_a_tab_takes_along_what_was_typed_into_the_search(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    server.store.add_job(job_type="move", status="failed", file_path="/srv/other.mkv")
    page.goto(f"{app}/jobs?page=2")
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    search = page.get_by_label("Path contains")
    search.click()
    page.keyboard.type("wanted")  # and no Enter
    status_tab(page, "Failed").click()
    page.wait_for_url(f"{app}/jobs?status=failed&search=wanted")
    expect(page.locator(".stMain")).to_contain_text("1 to 1 of 1 jobs")
    expect(search).to_have_value("wanted")
    expect_status(page, "Failed")
    page.go_back()
    page.wait_for_url(f"{app}/jobs?page=2")
    expect(search).to_have_value("")
    expect_status(page, "All")


def test_a_kiosk_link_is_one_entry_and_back_stays_in_the_kiosk(
    page: Page, app: str, job: str
) -> None:
    page.goto(f"{app}/?kiosk=1")
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    begun = entries(page)
    page.locator(".st-key-failures").get_by_role("link", name="wanted.mkv").click()
    page.wait_for_url(f"{app}/job?id={job}&kiosk=1")
    expect(page.locator(".st-key-job-file")).to_contain_text("wanted.mkv")
    assert entries(page) == begun + 1
    page.go_back()
    page.wait_for_url(f"{app}/?kiosk=1")
    expect(page.locator(".st-key-failures")).to_contain_text("wanted.mkv")
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)


@pytest.mark.long
def test_below_a_base_path_links_and_rows_are_one_entry_each(
    page: Page, server: VpoServer, job: str
) -> None:
    settings = {
        "VPO_MONITOR_API_URL": server.url,
        "STREAMLIT_SERVER_BASE_URL_PATH": "below/here",
    }
    with running_app(**settings) as app:
        page.goto(f"{app}/jobs?status=failed")
        click_row(page, 0)
        page.wait_for_url(f"{app}/job?id={job}")
        begun = entries(page)
        page.get_by_test_id("stSidebar").get_by_role("link", name="Overview").click()
        failures = page.locator(".st-key-failures")
        failures.get_by_role("link", name="wanted.mkv").click()
        page.wait_for_url(f"{app}/job?id={job}")
        expect(page.locator(".st-key-job-file")).to_contain_text("wanted.mkv")
        assert entries(page) == begun + 2
        page.go_back()
        expect(failures).to_contain_text("wanted.mkv")
        page.go_back()
        page.go_back()
        page.wait_for_url(f"{app}/jobs?status=failed&selected={job}")


def test_on_a_phone_the_menu_closes_once_a_page_is_chosen(
    page: Page, app: str, eventually: Eventually
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app}/jobs")
    opener, menu = page.get_by_test_id("stExpandSidebarButton"), page.get_by_test_id("stSidebar")
    opener.click()
    expect(opener).to_have_count(0)
    wait_until_heard(page, eventually)
    menu.get_by_role("link", name="Timeline").click()
    page.wait_for_url(f"{app}/timeline")
    expect(opener).to_be_visible()


def test_filters_follow_two_quick_steps_back(page: Page, app: str, job: str) -> None:
    page.goto(f"{app}/jobs?status=failed")
    expect_status(page, "Failed")
    page.locator(".st-key-interval-choice button").click()
    page.get_by_role("menuitem", name="Every 60 s").click()
    page.wait_for_url(f"{app}/jobs?status=failed&interval=60")
    timeline = page.get_by_test_id("stSidebar").get_by_role("link", name="Timeline")
    timeline.click()
    for milliseconds in (20, 40, 60, 80):  # the second step interrupts the run of the first
        expect(page.get_by_role("radio", name="24 h", exact=True)).to_be_checked()
        page.evaluate(f"history.back(); setTimeout(() => history.back(), {milliseconds})")
        page.wait_for_url(f"{app}/jobs?status=failed")
        expect_status(page, "Failed")
        page.evaluate("history.go(2)")


def test_a_page_that_is_left_before_it_is_drawn_adds_no_entry(
    own_page: Page, app: str, job: str, eventually: Eventually
) -> None:
    page = own_page
    held: list[str | bytes] | None = None
    to_page: list[WebSocketRoute] = []

    def send(message: str | bytes) -> None:
        if held is None:
            to_page[-1].send(message)
        else:
            held.append(message)

    def connect(socket: WebSocketRoute) -> None:
        to_page.append(socket)
        socket.connect_to_server().on_message(send)

    def opens_a_page(message: str | bytes) -> bool:
        assert isinstance(message, bytes)
        return bool(ForwardMsg.FromString(message).HasField("navigation"))

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(f"{app}/jobs?status=failed")
    expect_status(page, "Failed")
    menu = page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name="Timeline").click()
    period = page.get_by_role("radio", name="24 h", exact=True)
    expect(period).to_be_checked()
    menu.get_by_role("link", name="Server").click()
    page.wait_for_url(f"{app}/server")
    held = []
    page.evaluate("history.back()")
    page.wait_for_url(f"{app}/timeline")
    eventually(lambda: any(opens_a_page(message) for message in held or ()))
    page.evaluate("history.back()")
    page.wait_for_url(f"{app}/jobs?status=failed")
    late, held = held, None
    for message in late:
        send(message)
    expect_status(page, "Failed")
    page.evaluate("history.forward()")
    page.wait_for_url(f"{app}/timeline")
    expect(period).to_be_checked()


def test_a_step_back_without_a_connection_is_made_up_for(own_page: Page, app: str) -> None:
    page = own_page
    sockets: list[WebSocketRoute] = []
    is_connected = True

    def connect(socket: WebSocketRoute) -> None:
        if is_connected:
            sockets.append(socket)
            socket.connect_to_server()
        else:
            socket.close()

    page.route_web_socket("**/_stcore/stream", connect)
    page.goto(f"{app}/jobs?status=failed")
    expect_status(page, "Failed")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Timeline").click()
    expect(page.get_by_role("radio", name="24 h", exact=True)).to_be_checked()
    is_connected = False
    sockets[-1].close()
    page.evaluate("history.back()")
    page.wait_for_url(f"{app}/jobs?status=failed")
    is_connected = True
    expect_status(page, "Failed")
    assert page.url == f"{app}/jobs?status=failed"
