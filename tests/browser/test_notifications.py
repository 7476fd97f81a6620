"""Notifications as each kind of browser shows them, or a reason why there are none."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.shown_again import SHOW
from tests.vpo_server import VpoServer, start

from .conftest import BADGE, Eventually, running_app

# Hands the page a notification, as a tick would.
NOTIFY = """(target) => {
  const item = { id: `id ${target}`, title: "Finished: Sintel.mkv", text: "done", target };
  window.vpoStatus.take({ data: { ...window.vpoStatus.data, notifications: [item] } });
}"""
# Keeps a list of what the service worker shows, as headless Chromium soon drops it.
NOTES = """
  window.shown = [];
  const { prototype } = ServiceWorkerRegistration, { showNotification } = prototype;
  prototype.showNotification = async function (title, options) {
    await showNotification.call(this, title, options);
    window.shown.push(`${title} | ${options.body} | ${options.data.target}`);
  };
"""
CLICK = """(target) => {
  const notification = { close() {}, data: { target } };
  const event = new Event("notificationclick");
  self.dispatchEvent(Object.assign(event, { notification, waitUntil() {} }));
}"""

NONE = "delete window.Notification;"
NO_WORKER = "delete Navigator.prototype.serviceWorker;"
BROKEN_WORKER = 'ServiceWorkerContainer.prototype.register = async () => { throw Error("no"); };'
# As on Android: only a service worker may show notifications.
THROWS = """
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor() { throw new TypeError("Illegal constructor"); }
  };
"""
DENIED = 'Object.defineProperty(Notification, "permission", { value: "denied" });'
OLD = 'Notification.requestPermission = () => { throw new TypeError("needs a callback"); };'
INSECURE = 'Object.defineProperty(window, "isSecureContext", { value: false });'
NO_STORAGE = 'Object.defineProperty(window, "localStorage", { get() { throw Error("no"); } });'


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=30, seed=1, rate_limit=None) as running:
        yield running


@pytest.fixture(scope="module")
def app(server: VpoServer) -> Iterator[str]:
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as url:
        yield url


@contextmanager
def viewer(page: Page, app: str, *scripts: str) -> Iterator[None]:
    """A viewer whom the page may notify. These scripts run first, and nothing may fail."""
    page.context.grant_permissions(["notifications"], origin=app)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda one: problems.append(one.text) if one.type == "error" else None)
    for script in scripts:
        page.add_init_script(script)
    page.goto(app)
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    yield
    assert problems == []


def turn_on(page: Page) -> None:
    page.get_by_role("button", name="Notifications").click()
    expect(page.get_by_role("button", name="Notifications: on")).to_be_visible()


def test_a_hidden_tab_notifies_through_the_service_worker_and_a_click_opens_the_job(
    browser: Browser, app: str, server: VpoServer, eventually: Eventually
) -> None:
    job = server.store.add_job(job_type="scan", status="running", file_path="/srv/a.mkv")
    context = browser.new_context()  # which enforces the policy of what a page may load
    page = context.new_page()
    with viewer(page, app, THROWS, NOTES):
        turn_on(page)
        page.evaluate(SHOW, "hidden")
        page.evaluate(NOTIFY, f"/job?id={job}")
        shown = f"Finished: Sintel.mkv | done | /job?id={job}"
        eventually(lambda: page.evaluate("() => window.shown") == [shown])
        expect(page.locator(".toast")).to_contain_text("Sintel.mkv")
        page.evaluate(SHOW, "visible")
        (worker,) = context.service_workers
        worker.evaluate(CLICK, "https://elsewhere.example/")
        worker.evaluate(CLICK, f"/job?id={job}")
        expect(page).to_have_url(f"{app}/job?id={job}")
        expect(page.locator(BADGE)).to_contain_text("Live")
        assert context.pages == [page]
    context.close()


@pytest.mark.parametrize(
    ("scripts", "label"),
    [
        pytest.param([NONE], "Notifications unsupported", marks=pytest.mark.long),
        pytest.param([NONE, NO_WORKER], "Notifications unsupported", marks=pytest.mark.long),
        pytest.param([DENIED], "Notifications blocked", marks=pytest.mark.long),
        ([INSECURE, NO_WORKER], "Notifications need HTTPS"),
    ],
)
def test_where_there_are_no_notifications_the_button_says_why(
    scripts: list[str], label: str, own_page: Page, app: str
) -> None:
    page = own_page
    with viewer(page, app, *scripts):
        expect(page.locator(".bell").get_by_text(label)).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        button = page.get_by_role("button", name=label)
        expect(button.get_by_text(label)).to_be_in_viewport(ratio=1)
        button.press("Enter")
        expect(page.locator(".toast")).to_contain_text(label)
        page.evaluate(SHOW, "hidden")
        page.evaluate(NOTIFY, "/jobs")
        expect(page.locator(".toast").last).to_contain_text("Sintel.mkv")


@pytest.mark.long
@pytest.mark.parametrize("no_worker", [NO_WORKER, BROKEN_WORKER])
def test_a_browser_that_fails_to_notify_says_so(no_worker: str, own_page: Page, app: str) -> None:
    page = own_page
    with viewer(page, app, THROWS, no_worker):
        turn_on(page)
        page.evaluate(SHOW, "hidden")
        page.evaluate(NOTIFY, "/jobs")
        expect(page.locator(".toast")).to_contain_text("Sintel.mkv")
        page.evaluate(SHOW, "visible")
        expect(page.locator(".bell").get_by_text("Notifications failed")).to_be_visible()


def test_a_browser_that_cannot_ask_for_permission_says_so(own_page: Page, app: str) -> None:
    page = own_page
    with viewer(page, app, OLD):
        page.get_by_role("button", name="Notifications").click()
        expect(page.locator(".bell").get_by_text("Notifications failed")).to_be_visible()


@pytest.mark.long
def test_without_storage_they_are_on_until_the_next_reload(own_page: Page, app: str) -> None:
    page = own_page
    with viewer(page, app, NO_STORAGE):
        turn_on(page)
        page.get_by_role("button", name="Notifications: on").click()
        expect(page.locator(".bell").get_by_text("Notifications", exact=True)).to_be_visible()
