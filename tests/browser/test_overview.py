"""The overview as a person sees it, and what is told without being asked."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.shown_again import SHOW
from tests.vpo_server import VpoServer

from .conftest import BADGE, expect_status, running_app
from .test_visibility import KEEP_NOTIFICATIONS

CARD = ".st-key-running article"


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def run(server: VpoServer, path: str = "/srv/Sintel.mkv", **fields: Any) -> str:
    given = {"job_type": "process", "policy_name": "normalize", "started_at": ago(40), **fields}
    return server.store.add_job(status="running", file_path=path, **given)


def end(server: VpoServer, job: str, **fields: Any) -> None:
    server.store.update_job(job, **{"status": "completed", "completed_at": ago(0), **fields})


def test_a_card_says_how_far_its_job_is_stays_in_place_and_opens_it(
    page: Page, app: str, server: VpoServer
) -> None:
    job = run(server)
    page.goto(app)
    card = page.locator(CARD)
    expect(card).to_contain_text("Progress not reported")
    bar = card.get_by_role("progressbar")
    assert bar.get_attribute("aria-valuenow") is None
    page.evaluate(f"document.querySelector('{CARD}').mark = 'same'")
    server.store.update_job(job, progress_percent=41.7)
    expect(card).to_contain_text("41 %")
    assert bar.get_attribute("aria-valuenow") == "41"
    assert page.evaluate(f"document.querySelector('{CARD}').mark") == "same"
    row = page.locator(".vpo-cards.large .vpo-card").evaluate_all(
        "cards => cards.map(card => card.getBoundingClientRect()).map(one => one.toJSON())"
    )
    assert len({round(one["height"], 1) for one in row}) == 1
    assert {round(b["left"] - a["right"]) for a, b in itertools.pairwise(row)} == {12}
    card.get_by_role("link", name="Sintel.mkv").click()
    page.wait_for_url(f"**/job?id={job}")
    page.go_back()
    expect(page.locator(CARD)).to_contain_text("Sintel.mkv")


def test_what_happens_is_told_in_activity_and_in_the_tabs_title(
    page: Page, app: str, server: VpoServer
) -> None:
    job = run(server)
    failed = server.store.count("failed", ended_since=ago(86400))
    page.goto(app)
    expect(page.locator(CARD)).to_have_count(1)
    expect(page).to_have_title(f"▶1 {f'✕{failed} ' if failed else ''}Overview · VPO Monitor")
    end(server, job, status="failed", error_message="No space left\nmore")
    activity = page.locator(".st-key-activity-list")
    expect(activity).to_contain_text("Failed · process")
    expect(page.locator(".st-key-failures")).to_contain_text("No space left")
    expect(page.locator(CARD)).to_have_count(0)
    expect(page).to_have_title(f"✕{failed + 1} Overview · VPO Monitor")
    count = page.get_by_role("link", name=f"Failed in 24 h: {failed + 1}")
    count.focus()
    run(server)
    expect(page.locator(CARD)).to_have_count(1)
    expect(count).to_be_focused()
    count.press("Enter")
    page.wait_for_url("**/jobs?status=failed&since=24h")
    expect_status(page, "Failed")


@pytest.mark.long
def test_the_end_of_a_followed_job_is_told_also_while_nobody_sees_the_tab(
    own_page: Page, app: str, server: VpoServer
) -> None:
    page = own_page
    page.add_init_script(KEEP_NOTIFICATIONS)
    job = run(server)
    run(server, "/srv/other.mkv")
    page.goto(f"{app}/job?id={job}")
    page.get_by_text("Notify when finished").click()
    page.wait_for_function(f"sessionStorage['vpo-monitor-followed']?.includes('{job}')")
    bell = page.get_by_role("button", name="Notifications")
    bell.click()
    expect(page.get_by_role("button", name="Notifications: on")).to_be_visible()
    page.reload()  # a session of its own, in which what was followed still is
    expect(page.get_by_role("button", name="Notifications: on")).to_be_visible()
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.get_by_role("link", name="Server").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.evaluate(SHOW, "hidden")
    end(server, job, status="failed", error_message="No space left")
    page.wait_for_function("window.notices.length > 0", timeout=45_000)
    assert page.evaluate("window.notices[0]") == "Failed: Sintel.mkv | No space left"
    page.evaluate(SHOW, "visible")
    toast = page.locator(".st-key-connection .toast", has_text="Failed: Sintel.mkv")
    expect(toast).to_contain_text("No space left")
    expect(toast).to_be_visible()
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
    assert page.evaluate("window.notices.length") == 1


@pytest.mark.long
def test_activity_outlives_a_restart_of_the_app(
    page: Page, server: VpoServer, tmp_path: Path
) -> None:
    settings = {
        "VPO_MONITOR_API_URL": server.url,
        "VPO_MONITOR_POLL_INTERVAL": "2",
        "VPO_MONITOR_HISTORY": str(tmp_path / "history"),
    }
    job = run(server)
    with running_app(**settings) as app:
        page.goto(app)
        expect(page.locator(CARD)).to_have_count(1)
    end(server, job)
    with running_app(**settings) as app:
        page.goto(app)
        expect(page.locator(".st-key-activity-list")).to_contain_text("Finished · process")


def test_a_job_id_can_be_copied(page: Page, app: str, server: VpoServer) -> None:
    job = run(server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{app}/job?id={job}")
    page.locator(".st-key-job-all-facts").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == job


def test_lines_do_not_move_under_the_mouse(page: Page, app: str, server: VpoServer) -> None:
    first, _second = (
        server.store.add_job(job_type="move", status="queued", file_path=f"/srv/{name}.mkv")
        for name in ("first", "second")
    )
    page.goto(app)
    lines = page.locator(".st-key-queue li")
    expect(lines).to_have_count(2)
    before = lines.all_inner_texts()
    lines.nth(1).hover()
    server.store.update_job(first, status="cancelled")
    expect(page.get_by_role("link", name="Queued: 1")).to_be_visible()
    assert [line.split("\n")[:2] for line in lines.all_inner_texts()] == [
        line.split("\n")[:2] for line in before
    ]
    page.mouse.move(2, 2)
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("second.mkv")
