"""What a viewer sees in a real browser, against a server that the test moves."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import (
    BADGE,
    Eventually,
    click_row,
    expect_silence,
    messages_to_app,
    running_app,
)
from tests.vpo_server import Fault, VpoServer, start


def cards(page: Page) -> str:
    return page.locator(".stMain").inner_text()


def test_a_job_is_seen_from_queued_to_completed_without_a_reload(
    clocked_page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    page = clocked_page
    sent = messages_to_app(page)
    job = server.store.add_job(job_type="transcode", status="queued", file_path="/srv/a.mkv")
    page.goto(f"{app}/job?id={job}")
    eventually(lambda: "Queued" in cards(page))
    navigations: list[str] = []
    page.on("framenavigated", lambda frame: navigations.append(frame.url))
    server.store.update_job(job, status="running", progress_percent=42.0)
    eventually(lambda: "42 %" in cards(page))
    server.store.append_log(job, ["[2026-11-23T21:52:29.609764Z] the last line"])
    server.store.update_job(job, status="completed", progress_percent=100.0)
    eventually(lambda: "Completed" in cards(page))
    log = page.locator(".st-key-job-log textarea")
    eventually(lambda: "the last line" in log.input_value())
    expect(page.locator(BADGE)).to_contain_text("Finished")
    page.clock.fast_forward("10:00")
    created = page.locator(".st-key-job-all-facts .vpo-card", has_text="Created")
    expect(created).to_contain_text(re.compile(r"1\d min \d\d s ago 20\d\d-"))
    expect_silence(page, sent)
    assert not [url for url in navigations if url.startswith(f"{app}/job")]


def test_a_clicked_row_opens_its_job_while_rows_move(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    page.goto(f"{app}/jobs")
    canvas = page.locator(".st-key-jobs-table canvas").first
    canvas.wait_for()
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    wanted = server.store.add_job(job_type="move", status="queued", file_path="/srv/wanted.mkv")
    newest = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="wanted.mkv")
    eventually(lambda: newest.count() > 0)
    # Another job arrives at the server: in the browser the wanted one still stands first.
    server.store.add_job(job_type="scan", status="queued", file_path="/srv/newer")
    click_row(page, 0)
    page.wait_for_url(re.compile(r"/job\?id="))
    assert page.url.endswith(wanted)


def test_back_from_a_job_returns_to_the_list_as_it_was(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    wanted = server.store.add_job(job_type="move", status="failed", file_path="/srv/wanted.mkv")
    page.goto(f"{app}/jobs?status=failed&search=wanted")
    cell = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="wanted.mkv")
    eventually(lambda: cell.count() > 0)
    click_row(page, 0)
    page.wait_for_url(f"{app}/job?id={wanted}")
    eventually(lambda: "wanted.mkv" in cards(page))
    mark = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="➤")
    for way_back in (page.go_back, page.get_by_text("All jobs").click):
        way_back()
        page.wait_for_url(f"{app}/jobs?status=failed&search=wanted&selected={wanted}")
        expect(page.get_by_label("Path contains")).to_have_value("wanted")
        eventually(lambda: cell.count() > 0 and mark.count() == 1)
        page.reload()
        expect(page.get_by_label("Path contains")).to_have_value("wanted")
        eventually(lambda: cell.count() > 0 and mark.count() == 1)
        page.go_forward() if way_back == page.go_back else page.go_back()
        page.wait_for_url(f"{app}/job?id={wanted}")
        eventually(lambda: "wanted.mkv" in cards(page))


@pytest.mark.long
def test_back_leaves_the_interval_as_it_was(page: Page, server: VpoServer) -> None:
    server.store.add_job(job_type="move", status="failed", file_path="/srv/wanted.mkv")
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="5") as app:
        page.goto(f"{app}/jobs?status=failed")
        update = page.locator(".st-key-interval-choice")
        click_row(page, 0)
        page.wait_for_url(re.compile(r"/job\?id="))
        expect(update).to_contain_text("Every 5 s")
        page.go_back()
        expect(page.locator(".st-key-jobs-table canvas").first).to_be_visible()
        expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
        expect(update).to_contain_text("Every 5 s")


def test_a_press_is_kept_while_ticks_are_late(clocked_page: Page, eventually: Eventually) -> None:
    page = clocked_page
    held: list[str | bytes] | None = None
    has_ticked = False
    to_app: list[WebSocketRoute] = []

    def send(message: str | bytes) -> None:
        nonlocal has_ticked
        if held is None:
            to_app[-1].send(message)
            has_ticked |= isinstance(message, bytes) and b"-timer" in message
        else:
            held.append(message)

    def connect(socket: WebSocketRoute) -> None:
        to_app.append(socket.connect_to_server())
        socket.on_message(send)

    page.route_web_socket("**/_stcore/stream", connect)
    with (
        start(worker=False, history=130, seed=1, rate_limit=None) as server,
        running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as app,
    ):
        server.store.add_job(job_type="scan", status="running", file_path="/srv/a")
        page.goto(f"{app}/jobs")
        expect(page.locator(BADGE)).to_contain_text("Live")
        eventually(lambda: has_ticked)  # a timer that starts later is not due after these 5 s
        server.faults.set(Fault.SLOW, seconds=0.5)
        held = []
        # 5 s later there is a tick, which then waits for VPO.
        page.clock.pause_at(page.evaluate("() => Date.now() / 1000 + 5"))
        page.clock.run_for(100)
        eventually(lambda: len(held or ()) > 0)
        page.get_by_role("button", name="Older page").click()
        page.clock.run_for(100)
        eventually(lambda: len(held or ()) > 1)
        page.clock.fast_forward("00:04")  # what asks for the tick that does not come
        page.clock.run_for(100)
        eventually(lambda: len(held or ()) > 2)
        page.clock.resume()
        late, held = held, None
        for message in late:
            send(message)
        expect(page.locator(".st-key-pager")).to_contain_text("101 to 131")


def test_refresh_takes_back_no_press(page: Page) -> None:
    with (
        start(worker=False, history=130, seed=1, rate_limit=None) as server,
        running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="60") as app,
    ):
        page.goto(f"{app}/jobs")
        pager = page.locator(".st-key-pager")
        expect(pager).to_contain_text("1 to 100")
        server.faults.set(Fault.SLOW, seconds=0.5)  # each run waits for VPO for a while
        press = page.get_by_role("button", name="Older page")
        expect(press).to_be_enabled()
        refresh = page.get_by_role("button", name="Refresh").element_handle()
        press.evaluate(
            """async (press, refresh) => {
                const { send } = WebSocket.prototype;
                for (const button of [refresh, press, refresh])
                    await new Promise((sent) => {
                        WebSocket.prototype.send = function (data) {
                            send.call(this, data);
                            sent();
                        };
                        button.click();
                    });
                WebSocket.prototype.send = send;
            }""",
            refresh,
        )
        expect(pager).to_contain_text("101 to 130")
