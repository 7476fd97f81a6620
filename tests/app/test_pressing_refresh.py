"""A viewer who presses *Refresh*, or *r*, again and again."""

from tests.vpo_server import Fault, VpoServer

from .conftest import CLOCK, Open, until

PER_MINUTE, BURST = 100, 20
"""The budget by default, and how much of it may be spent at once."""


def test_requests_stay_within_the_budget_and_the_page_works(
    open_app: Open, server: VpoServer
) -> None:
    server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
    began = CLOCK.now()
    app = until(open_app("jobs"), lambda app: len(app.dataframe) == 1)
    for _press in range(25):
        app.button(key="refresh").click().run()
    asked, seconds = len(server.requests), CLOCK.now() - began
    assert asked <= BURST + (PER_MINUTE - BURST) / 60 * seconds + 1
    assert not app.exception
    assert app.dataframe[0].value["path"].tolist() == ["/srv/media"]


def test_no_press_overrides_the_servers_retry_after(open_app: Open, server: VpoServer) -> None:
    server.faults.set(Fault.RATE_LIMITED, retry_after="300")
    app = until(open_app("jobs"), lambda _app: counted_by_vpo(server) > 0)
    until(app, lambda app: any("too many requests" in text.value for text in app.text))
    asked = counted_by_vpo(server)
    for _press in range(5):
        app.button(key="refresh").click().run()
    assert counted_by_vpo(server) == asked
    assert not app.exception


def counted_by_vpo(server: VpoServer) -> int:
    """The requests that VPO's rate limit is about."""
    return sum(request.path not in ("/health", "/api/about") for request in server.requests)
