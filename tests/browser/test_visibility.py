"""Only a visible tab polls VPO."""

import re

import pytest
from playwright.sync_api import Page, expect

from bench.shown_again import SHOW
from tests.vpo_server import VpoServer, start

from .conftest import BADGE, Eventually, expect_silence, messages_to_app, running_app

AT_WORK = re.compile("Live|Idle")

# What would be shown by the browser is kept where the test can read it.
KEEP_NOTIFICATIONS = """
  window.notices = [];
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
  };
  ServiceWorkerRegistration.prototype.showNotification = async (title, options) => {
    window.notices.push(title + " | " + options.body);
  };
"""


def wait_until_known_as_hidden(page: Page) -> None:
    page.wait_for_function("window.vpoStatus?.data?.reported.visible === false")
    # Streamlit sends what was requested before in a `setTimeout(0)`.
    page.evaluate("() => new Promise((done) => setTimeout(done))")


def test_a_hidden_tab_asks_nothing_and_is_fresh_at_once_when_shown(
    clocked_page: Page, app: str, server: VpoServer
) -> None:
    page = clocked_page
    sent = messages_to_app(page)
    page.goto(f"{app}/jobs?search=shown-again&interval=60")
    # Data of the last 3 s is shown to a returning viewer as it is.
    expect(page.locator(BADGE)).to_contain_text(re.compile("updated [4-9] s ago"))
    page.evaluate(SHOW, "hidden")
    wait_until_known_as_hidden(page)
    asked = len(server.requests)
    expect_silence(page, sent)
    assert len(server.requests) == asked
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/shown-again.mkv")
    page.evaluate(SHOW, "visible")
    cell = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="shown-again.mkv")
    expect(cell.first).to_be_attached()


@pytest.mark.long
def test_flapping_visibility_asks_once(
    own_page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    page = own_page
    server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
    page.goto(f"{app}/jobs?interval=60")
    # Data of the last 3 s is shown to a returning viewer as it is.
    expect(page.locator(BADGE)).to_contain_text(re.compile("updated [4-9] s ago"))
    before = len(server.requests)

    def asked(path: str, query: str = "") -> int:
        later = server.requests[before:]
        return sum(request.path == path and query in request.query for request in later)

    for _ in range(10):
        page.evaluate(SHOW, "hidden")
        page.evaluate(SHOW, "visible")
    eventually(lambda: asked("/api/jobs", "limit=100") > 0)  # not just that of the failed ones
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/last.mkv")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator(".st-key-jobs-table")).to_contain_text("last.mkv")
    # Once for the flapping, once for the click.
    assert asked("/api/jobs", "limit=100") == 2
    assert asked("/health") <= 2


# What is reported now goes nowhere, as on a page that is gone, until the next tick.
LOSE_WORDS = "() => { window.vpoStatus.setState = () => {}; }"


@pytest.mark.long
def test_what_the_browser_said_to_nobody_is_said_again(
    own_page: Page, app: str, server: VpoServer
) -> None:
    page = own_page
    page.add_init_script(KEEP_NOTIFICATIONS)
    job = server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
    page.goto(f"{app}/job?id={job}")
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.get_by_text("Notify when finished").click()
    expect(page.get_by_role("switch", name="Notify when finished")).to_be_checked()
    page.evaluate(LOSE_WORDS)
    page.get_by_role("button", name="Notifications").click()
    expect(page.get_by_role("button", name="Notifications: on")).to_be_visible()
    page.evaluate(SHOW, "hidden")
    page.wait_for_function("window.vpoStatus?.data?.reported.notified")
    wait_until_known_as_hidden(page)
    server.store.update_job(job, status="completed")
    page.wait_for_function("window.notices.length > 0", timeout=45_000)


@pytest.mark.long
def test_a_closed_tab_leaves_nothing_that_asks(own_page: Page, app: str, server: VpoServer) -> None:
    page = own_page
    page.goto(f"{app}/jobs")
    expect(page.locator(BADGE)).to_contain_text(AT_WORK)
    other = page.context.new_page()
    with (
        start(worker=False, history=0, rate_limit=None) as other_server,
        running_app(VPO_MONITOR_API_URL=other_server.url, VPO_MONITOR_POLL_INTERVAL="2") as url,
    ):
        other.goto(url)
        expect(other.locator(BADGE)).to_contain_text(AT_WORK)
        page.close()

        def wait_for_ticks(count: int) -> None:  # `eventually` goes by the page that is closed
            until = len(other_server.requests) + count
            while len(other_server.requests) < until:
                other.wait_for_timeout(50)

        wait_for_ticks(1)  # what was under way has ended
        asked = len(server.requests)
        wait_for_ticks(4)
        assert len(server.requests) == asked


def test_a_tab_opened_in_the_background_starts_when_it_is_first_shown(
    clocked_page: Page, app: str, server: VpoServer
) -> None:
    page = clocked_page
    page.add_init_script(
        'Object.defineProperty(document, "visibilityState", '
        '{ value: "hidden", configurable: true });'
    )
    sent = messages_to_app(page)
    page.goto(f"{app}/jobs?search=first-shown")
    wait_until_known_as_hidden(page)
    expect_silence(page, sent)
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/first-shown.mkv")
    page.evaluate(SHOW, "visible")
    cell = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="first-shown.mkv")
    expect(cell.first).to_be_attached()
    expect(page.locator(BADGE)).to_contain_text("Live")
