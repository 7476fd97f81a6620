"""A page on a wall: nothing to press, and nothing but the page."""

import pytest

from vpo_monitor.demo import DemoServer

from .conftest import Open
from .test_pages import badge


@pytest.mark.parametrize("page", ["overview", "job"])
def test_a_kiosk_has_a_badge_and_neither_menu_nor_what_tells(
    page: str, server: DemoServer, open_app: Open
) -> None:
    job = server.store.add_job(job_type="move", status="running", file_path="/srv/a.mkv")
    app = open_app(page, kiosk="1", id=job)
    assert not app.exception
    assert badge(app)["word"]
    assert not app.sidebar.children
    assert badge(app)["kiosk"]
    usual = open_app(page, id=job)
    assert usual.sidebar.children
    assert "kiosk" not in badge(usual)


def test_a_kiosk_stays_one_on_the_next_page_until_its_address_says_otherwise(
    server: DemoServer, open_app: Open
) -> None:
    app = open_app(kiosk="1")
    del app.query_params["kiosk"]
    app.run()
    assert not app.sidebar.children
    app.query_params["kiosk"] = "0"
    app.run()
    assert app.sidebar.children


def test_a_filter_leaves_the_kiosk_in_the_address(server: DemoServer, open_app: Open) -> None:
    app = open_app("jobs", kiosk="1")
    app.selectbox(key="filter-status").set_value("failed").run()
    assert app.query_params["status"] in ("failed", ["failed"])
    assert app.query_params["kiosk"] in ("1", ["1"])
