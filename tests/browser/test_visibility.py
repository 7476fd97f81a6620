"""Only a tab that somebody can see has VPO asked.

`HIDDEN_SECONDS=180 make browser` watches a hidden tab for minutes; the default keeps the run short.
"""

import os
import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from vpo_monitor.demo import DemoServer

from .conftest import BADGE

pytestmark = pytest.mark.alone

Eventually = Callable[[Callable[[], bool], float], float]
HIDDEN_SECONDS = float(os.environ.get("HIDDEN_SECONDS", "15"))
AT_WORK = re.compile("Live|Quiet")

# What would be shown by the browser is kept where the test can read it.
KEEP_NOTIFICATIONS = """
  window.notices = [];
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, options) { window.notices.push(title + " | " + options.body); }
  };
"""
# The timer's frame has a document of its own.
SHOW = """(state) => {
  for (let i = -1; i < window.frames.length; i++) {
    const target = i < 0 ? document : window.frames[i].document;
    Object.defineProperty(target, "visibilityState", { value: state, configurable: true });
    target.dispatchEvent(new Event("visibilitychange"));
  }
}"""


def test_a_hidden_tab_asks_nothing_and_is_fresh_at_once_when_shown(
    page: Page, app: str, server: DemoServer, eventually: Eventually
) -> None:
    page.goto(f"{app}/jobs?search=shown-again")
    expect(page.locator(BADGE)).to_contain_text(AT_WORK)
    page.evaluate(SHOW, "hidden")
    hidden_at = time.monotonic()
    page.wait_for_timeout(HIDDEN_SECONDS * 1000)  # nothing may happen in this time
    assert [r for r in server.requests if r.at > hidden_at + 2] == []
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/shown-again.mkv")
    page.evaluate(SHOW, "visible")
    cell = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="shown-again.mkv")
    eventually(lambda: cell.count() > 0, 1.0)


def test_flapping_visibility_asks_at_most_twice(page: Page, app: str, server: DemoServer) -> None:
    server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
    page.goto(f"{app}/jobs?interval=60")
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.wait_for_timeout(4000)  # so that what is shown is too old for one who comes back
    before = len(server.requests)
    for _ in range(10):
        page.evaluate(SHOW, "hidden")
        page.wait_for_timeout(100)
        page.evaluate(SHOW, "visible")
        page.wait_for_timeout(100)
    page.wait_for_timeout(2000)  # what was started may end
    # Details of other jobs are asked for beside the page, at their own slow pace.
    asked = [r.path for r in server.requests[before:] if not r.path.startswith("/api/jobs/")]
    assert 1 <= len(asked) <= 2
    assert len(set(asked)) == len(asked)


# What is said now goes nowhere, as to a pulse of a page that is gone, until the next pulse.
LOSE_WORDS = """() => { window.vpoPulse = { ...window.vpoPulse, setStateValue() {} }; }"""


def test_what_the_browser_said_to_nobody_is_said_again(
    page: Page, app: str, server: DemoServer
) -> None:
    page.add_init_script(KEEP_NOTIFICATIONS)
    job = server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
    page.goto(f"{app}/job?id={job}")
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.get_by_text("Tell me when it ends").click()
    expect(page.get_by_role("switch", name="Tell me when it ends")).to_be_checked()
    page.evaluate(LOSE_WORDS)
    page.get_by_role("button", name="Notify me").click()
    expect(page.get_by_role("button", name="Notifying")).to_be_visible()
    page.evaluate(SHOW, "hidden")
    page.wait_for_function("window.vpoPulse.data.heard.notified")
    page.wait_for_function("!window.vpoPulse.data.heard.visible")
    server.store.update_job(job, status="completed")
    page.wait_for_function("window.notices.length > 0", timeout=45_000)


def test_a_closed_tab_leaves_nothing_that_asks(page: Page, app: str, server: DemoServer) -> None:
    page.goto(f"{app}/jobs")
    expect(page.locator(BADGE)).to_contain_text(AT_WORK)
    other = page.context.new_page()
    page.close()
    closed_at = time.monotonic()
    other.wait_for_timeout(8000)  # four intervals, in which nothing may be asked
    assert [r for r in server.requests if r.at > closed_at + 2] == []


def test_a_tab_opened_in_the_background_starts_when_it_is_first_shown(
    page: Page, app: str, server: DemoServer, eventually: Eventually
) -> None:
    page.add_init_script(
        'Object.defineProperty(document, "visibilityState", '
        '{ value: "hidden", configurable: true });'
    )
    page.goto(f"{app}/jobs?search=first-shown")
    page.locator(".st-key-jobs-table").wait_for()
    page.wait_for_timeout(2000)  # the first drawing may ask once, before the tab has said a word
    before = len(server.requests)
    page.wait_for_timeout(6000)  # three intervals, in which nothing may be asked
    assert len(server.requests) == before
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/first-shown.mkv")
    page.evaluate(SHOW, "visible")
    cell = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="first-shown.mkv")
    eventually(lambda: cell.count() > 0, 1.0)
    expect(page.locator(BADGE)).to_contain_text("Live")
