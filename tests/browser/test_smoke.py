"""The least that has to work in a browser: each page opens, and a job is followed to its end.

`make test-latest` runs it against the newest versions of what the app is built on.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.conftest import BADGE, Eventually
from tests.vpo_server import VpoServer

ERRORS = "[data-testid=stException], [data-testid=stAlertContentError]"


# On a deep link Streamlit's own script looks for its server below the page's path first.
SOUGHT = re.compile(r"/\w+/_stcore/(?:health|host-config)$")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page for which the app's Content Security Policy holds, unlike in all other tests."""
    with browser.new_page() as page:
        yield page


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains about: errors on the console, and scripts that failed."""
    told: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error" and not SOUGHT.search(said.location["url"]):
            told.append(f"{said.text} ({said.location['url']})")

    page.on("console", hear)
    page.on("pageerror", lambda error: told.append(str(error)))
    yield told
    assert told == []


def test_each_page_opens(
    page: Page, app: str, server: VpoServer, complaints: list[str], eventually: Eventually
) -> None:
    job = server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
    for path, title, shown in (
        ("", "Overview", ".st-key-running"),
        ("jobs", "Jobs", ".st-key-jobs-table canvas"),
        (f"job?id={job}", "Job", ".st-key-job-facts"),
        ("timeline", "Timeline", ".vpo-timeline"),
        ("statistics", "Statistics", ".st-key-statistics"),
        ("library", "Library", ".st-key-library-figures"),
        ("server", "Server", ".st-key-server-facts"),
    ):
        page.goto(f"{app}/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator(BADGE)).to_contain_text("Live")
        expect(page.locator(f".stMain {shown}").first).to_be_visible()
        expect(page.locator(ERRORS)).to_have_count(0)
    assert complaints == []
    page.evaluate("() => { new Image().src = 'https://elsewhere.example/'; }")
    # Or the browser would not say what the policy forbids.
    eventually(lambda: "Content Security Policy" in "".join(complaints))
    complaints.clear()


@pytest.mark.usefixtures("complaints")
@pytest.mark.long  # `make smoke` runs it; test_live.py holds more
def test_a_job_is_followed_to_its_end_without_a_reload(
    page: Page, app: str, server: VpoServer
) -> None:
    job = server.store.add_job(job_type="transcode", status="queued", file_path="/srv/a.mkv")
    page.goto(f"{app}/job?id={job}")
    main = page.locator(".stMain")
    expect(main).to_contain_text("Queued")
    loaded: list[str] = []
    page.on("load", lambda page: loaded.append(page.url))
    server.store.update_job(job, status="running", progress_percent=42.0)
    expect(main).to_contain_text("42 %")
    server.store.append_log(job, ["[2026-11-23T21:52:29.609764Z] the last line"])
    server.store.update_job(job, status="completed", progress_percent=100.0)
    expect(main).to_contain_text("Completed")
    expect(page.locator(".st-key-job-log textarea")).to_have_value(re.compile("the last line"))
    expect(page.locator(BADGE)).to_contain_text("Finished")
    expect(page.locator(ERRORS)).to_have_count(0)
    assert loaded == []
