"""Files that a viewer takes along, in Chromium, and Streamlit's own ways that must be shut."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.conftest import running_app
from tests.vpo_server import VpoServer, start, utc_now

COUNT = 340
SCAN = "3fa3b1d6-1111-4222-8333-444455556666"


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=8, seed=3, rate_limit=None) as running:
        now = utc_now()
        with running.store.transaction():
            for number in range(COUNT):
                running.store.add_job(
                    status="failed",
                    file_path=f"-/srv/lib/{number}.mkv",
                    created_at=now - timedelta(minutes=number),
                )
            running.store.add_job(id=SCAN, job_type="scan", status="completed", created_at=now)
        running.store.add_scan_errors(SCAN, [{"path": "/srv/a.mkv", "error": "no"}])
        yield running


@pytest.fixture(scope="module")
def app(server: VpoServer) -> Iterator[str]:
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as url:
        yield url


def download(page: Page, kind: str) -> Download:
    with page.expect_download() as got:
        page.locator(f".st-key-jobs-{kind} button").click()
    return got.value


def test_all_jobs_of_a_view_are_downloaded_as_both_files_while_the_page_stays_live(
    page: Page, app: str, server: VpoServer
) -> None:
    page.goto(f"{app}/jobs?status=failed&search=/srv/lib/&since=7d")
    pager = page.get_by_text(re.compile(r"1 to 100 of \d+ jobs"))
    expect(pager).to_have_text(f"1 to 100 of {COUNT} jobs")
    begin = page.get_by_role("button", name=f"Download {COUNT} jobs")
    begin.scroll_into_view_if_needed()
    top = page.locator(".st-key-jobs-download").bounding_box()
    tools = page.get_by_test_id("stBaseButton-elementToolbar")
    expect(tools).to_have_count(3)  # columns, search and full screen, but no export of its own
    begin.click()
    said = page.locator(".st-key-jobs-download")
    expect(said).to_contain_text(f"All matching jobs ({COUNT}). As of ")
    assert page.locator(".st-key-jobs-download").bounding_box() == top
    as_csv = download(page, "csv")
    server.store.add_job(status="failed", file_path="/srv/lib/new.mkv")
    expect(pager).to_have_text(f"1 to 100 of {COUNT + 1} jobs")  # a tick has drawn the page anew
    as_json = download(page, "json")
    host = f"127.0.0.1-{server.url.rpartition(':')[2]}"
    name = rf"vpo-{host}-jobs-failed-7d-search-srv-lib-\d{{8}}T\d{{4}}Z"
    assert re.fullmatch(rf"{name}\.csv", as_csv.suggested_filename)
    assert as_json.suggested_filename == f"{Path(as_csv.suggested_filename).stem}.json"
    with Path(as_csv.path()).open(encoding="utf-8-sig", newline="") as file:
        paths = [row["file_path"] for row in csv.DictReader(file)]
    assert paths == [f"'-/srv/lib/{number}.mkv" for number in range(COUNT)]
    told = json.loads(Path(as_json.path()).read_text(encoding="utf-8"))
    assert [row["file_path"] for row in told["rows"]] == [path[1:] for path in paths]
    assert told["server"] == {"name": "VPO", "address": server.url}
    assert told["view"]["search"] == "/srv/lib/"


@pytest.mark.long
def test_no_table_or_chart_has_streamlit_s_own_export(page: Page, app: str) -> None:
    """One setting shuts them all: this is the page with most tables and with all charts."""
    page.goto(f"{app}/statistics")
    charts = page.locator("[data-testid=stVegaLiteChart]")
    expect(charts).to_have_count(3)
    tools = page.get_by_test_id("stBaseButton-elementToolbar")
    for left in (2, 1, 0):  # each shows its data as a table, too
        page.get_by_role("button", name="Show data").first.dispatch_event("click")
        expect(charts).to_have_count(left)
    for fold in page.locator(".stMain [data-testid=stExpander] summary").all():
        fold.click()
    expect(page.locator(".stMain [data-testid=stDataFrame]").nth(3)).to_be_visible()
    labels = [one.get_attribute("aria-label") or "" for one in tools.all()]
    assert sum(label.startswith("Search") for label in labels) >= 4
    assert not [label for label in labels if re.search("Download|CSV|Copy", label)]
