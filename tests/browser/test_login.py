"""Nobody sees anything, and nothing is asked of the server, before the password is given."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import running_app
from vpo_monitor.demo import DemoServer


@pytest.mark.parametrize("path", ["", "jobs", "job", "timeline", "statistics", "server"])
def test_each_url_as_the_very_first_request_of_a_process_meets_the_login(
    path: str, page: Page, server: DemoServer
) -> None:
    job = server.store.add_job(job_type="move", status="running", file_path="/srv/secret.mkv")
    settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_PASSWORD": "open sesame"}
    with running_app(**settings) as app:
        page.goto(f"{app}/{path}?id={job}")
        password = page.get_by_label("Password", exact=True)
        password.wait_for()
        expect(page.locator("[data-testid=stSidebar] a")).to_have_count(0)
        expect(page.locator(".st-key-connection")).to_have_count(0)
        assert not server.requests
        password.fill("open sesame")
        page.get_by_role("button", name="Log in").click()
        expect(page.locator(".st-key-connection")).to_contain_text(re.compile("Live|Quiet"))
        assert server.requests
