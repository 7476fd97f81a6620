"""A page on a wall: nothing to press, and nothing but the page."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer

from .conftest import Open, shown, until
from .test_pages import badge, words


@pytest.mark.parametrize("page", ["overview", "job"])
def test_a_kiosk_has_a_badge_and_neither_menu_nor_what_tells(
    page: str, server: VpoServer, open_app: Open
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


def test_links_of_a_kiosk_lead_to_the_kiosk(server: VpoServer, open_app: Open) -> None:
    job = server.store.add_job(job_type="move", status="running", file_path="/srv/a.mkv")
    app = until(open_app(kiosk="1"), lambda app: "a.mkv" in words(app))
    (cards,) = (one for one in shown(app, "cards") if one["layout"] == "running")
    assert cards["jobs"][0]["target"] == f"/job?id={job}&kiosk=1"
    assert not open_app(kiosk="1").sidebar.children
    assert open_app(kiosk="0").sidebar.children


def test_a_filter_leaves_the_kiosk_in_the_address(server: VpoServer, open_app: Open) -> None:
    app = open_app("jobs", kiosk="1")
    app.text_input(key="filter-search").set_value("wanted").run()
    assert app.query_params["search"] in ("wanted", ["wanted"])
    assert app.query_params["kiosk"] in ("1", ["1"])


def rotation(app: AppTest) -> dict[str, Any] | None:
    told: dict[str, Any] | None = badge(app).get("rotation")
    return told


def test_a_rotation_goes_from_page_to_page_and_keeps_what_all_pages_share(
    server: VpoServer, open_app: Open
) -> None:
    given = {"kiosk": "1", "interval": "10", "rotate": "overview,timeline", "every": "45"}
    kept = "kiosk=1&rotate=overview%2Ctimeline&every=45&interval=10"
    app = open_app(**given)
    assert rotation(app) == {"target": f"/timeline?{kept}", "seconds": 45}
    app = open_app("timeline", **given)
    assert rotation(app) == {"target": f"/?{kept}", "seconds": 45}
    app = open_app("server", **given)
    assert rotation(app) == {"target": f"/?{kept}", "seconds": 45}
    assert not app.exception


@pytest.mark.parametrize(
    ("rotate", "named", "rotates"),
    [
        ("overview,server,job,<b>x", "No such pages to rotate: job, <b>x", True),
        ("overview,nowhere", "rotate: nowhere. Rotation needs at least two pages.", False),
        ("", "Rotation needs at least two pages.", False),
        ("x" * 10_000, "Rotation needs at least two pages.", False),
    ],
)
def test_a_message_names_pages_that_cannot_rotate(
    rotate: str, named: str, *, rotates: bool, server: VpoServer, open_app: Open
) -> None:
    app = open_app(kiosk="1", rotate=rotate, every="soon")
    assert named in "\n".join(text.value for text in app.text)
    assert (rotation(app) is not None) is rotates
    assert not app.exception


def test_only_a_kiosk_rotates(server: VpoServer, open_app: Open) -> None:
    app = open_app(rotate="overview,nowhere,server")
    assert rotation(app) is None
    assert "nowhere" not in words(app)
