"""Numbers as a browser with a locale of its own shows them.

Those in the cells of a table are drawn, and to a script their cells say them without signs.
"""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.vpo_server import VpoServer, utc_now

from .conftest import status_tab

WAITING, LINES = 1200, 1300
MANY = 1100
"""Files that were processed, each with 1 GB saved."""


@pytest.fixture
def german(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def job(server: VpoServer) -> str:
    now = utc_now()
    with server.store.transaction():
        for number in range(WAITING):
            server.store.add_job(
                file_path=f"/srv/{number}.mkv", created_at=now - timedelta(seconds=number)
            )
        for _file in range(MANY):
            server.store.add_stats(
                size_before=9_000_000_000, size_after=8_000_000_000, policy_name="many"
            )
    job = server.store.add_job(status="failed", job_type="move", error_message="No space")
    server.store.append_log(job, [f"line {number}" for number in range(LINES)])
    return job


def total(place: Locator) -> str:
    """What the pager says of the whole list: the job that failed, those that wait, and history."""
    expect(place).to_be_visible()
    return place.inner_text().removeprefix("1 to 100 of ").removesuffix(" jobs")


@pytest.mark.long  # app/test_locale.py has the same without a browser
def test_two_viewers_of_the_jobs_each_have_their_own_signs(
    page: Page, german: Page, app: str, job: str
) -> None:
    for viewer, sign in ((german, "."), (page, ",")):
        viewer.goto(f"{app}/jobs")
        expect(status_tab(viewer, "Queued")).to_contain_text(f"Queued 1{sign}2")
        whole = total(viewer.get_by_text("1 to 100 of"))
        assert whole.startswith(f"1{sign}2")
        download = viewer.get_by_role("button", name=f"Download {whole} jobs")
        expect(download).to_be_visible()


@pytest.mark.long
def test_the_statistics_have_the_signs_in_cards_and_charts_and_the_units_in_heads(
    german: Page, app: str, job: str
) -> None:
    german.goto(f"{app}/statistics")
    main = german.locator(".stMain")
    cards = german.locator(".st-key-statistics")
    expect(cards).to_contain_text("1,1 TB")
    files, space = (german.locator(".st-key-processed svg.marks").nth(place) for place in (0, 1))
    expect(space).to_contain_text("0,5")
    expect(space).not_to_contain_text("0.5")
    expect(files).to_contain_text("1.000")
    files.locator(".role-mark path").last.hover()
    expect(german.locator("#vg-tooltip-element")).to_contain_text(re.compile(r"Files1\.1\d\d"))
    heads = german.locator("[data-testid=stDataFrame]:visible [role=columnheader]")
    for head in ("Success rate (%)", "Saved (GB)"):
        expect(heads.filter(has_text=head)).to_be_attached()
    expect(main).not_to_contain_text("1.1 TB")


@pytest.mark.long
def test_a_log_counts_its_lines_with_the_signs(german: Page, app: str, job: str) -> None:
    german.goto(f"{app}/job?id={job}")
    count = german.locator(".st-key-job-log .count")
    expect(count).to_have_text("Last 500 of 1.300 lines")
    german.get_by_role("button", name="Display").click()
    german.get_by_label("Lines shown").click()
    german.get_by_role("option", name="1.000", exact=True).click()
    expect(count).to_have_text("Last 1.000 of 1.300 lines")
