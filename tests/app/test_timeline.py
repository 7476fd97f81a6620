"""The timeline page, without a browser."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer

from .conftest import until

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("ample_budget")
PAGE = "timeline"


def chart(app: AppTest) -> dict[str, Any]:
    """What the chart was told to show."""
    protos = [element.proto for element in app.get("bidi_component")]
    found = next(p for p in protos if p.component_name.endswith("vpo_monitor_timeline"))
    return dict(json.loads(found.json))


def filled(app: AppTest, count: int) -> dict[str, Any]:
    """The chart, once it has so many bars."""
    until(app, lambda app: bool(app.exception) or len(chart(app)["bars"]) == count)
    assert not app.exception
    return chart(app)


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


@pytest.fixture
def jobs(server: VpoServer) -> VpoServer:
    """A job of an hour ago, and one of three days ago."""
    for hours, path in ((1, "/srv/new.mkv"), (72, "/srv/old.mkv")):
        begun = datetime.now(UTC) - timedelta(hours=hours)
        server.store.add_job(
            status="completed",
            file_path=path,
            created_at=begun,
            completed_at=begun + timedelta(minutes=5),
        )
    return server


def test_the_last_day_is_shown_by_type_unless_the_address_says_otherwise(
    open_app: Open, jobs: VpoServer
) -> None:
    app = open_app(PAGE)
    data = filled(app, 1)
    assert data["lanes"] == ["transcode"]
    assert data["bars"][0][-2] == "new.mkv"
    assert "1 job. Start times loaded for 0 of 1 jobs" in captions(app)


def test_the_address_says_which_time_and_which_lanes(open_app: Open, jobs: VpoServer) -> None:
    data = filled(open_app(PAGE, since="7d", by="slot"), 2)
    assert data["lanes"] == ["no start time"]
    assert data["length"] == 7 * 86400


def test_a_choice_goes_into_the_address_and_the_rest_of_it_stays(
    open_app: Open, jobs: VpoServer
) -> None:
    app = open_app(PAGE, interval="10")
    filled(app, 1)
    app.button_group[0].set_value("30d").run()
    filled(app, 2)
    assert app.query_params == {"since": "30d", "interval": "10"}


def test_a_range_in_the_address_is_shown_until_a_period_is_chosen(
    open_app: Open, jobs: VpoServer
) -> None:
    begin = datetime.now(UTC) - timedelta(hours=73)
    span = {"from": begin.isoformat(), "to": (begin + timedelta(hours=2)).isoformat()}
    app = open_app(PAGE, **span, interval="10")
    data = filled(app, 1)
    assert (data["bars"][0][-2], data["length"], data["now"]) == ("old.mkv", 7200, None)
    assert "1 job." in captions(app)
    assert app.button_group[0].value == "range"
    app.button_group[0].set_value("7d").run()
    assert filled(app, 2)["length"] == 7 * 86400
    assert app.query_params == {"since": "7d", "interval": "10"}


@pytest.mark.parametrize(
    "span",
    [
        {"from": "2026-11-24T12:00Z"},
        {"from": "2026-11-24T12:00Z", "to": "2026-11-24T11:00Z"},
        {"from": "![x](http://e/x)", "to": "<b>"},
    ],
)
def test_a_range_that_cannot_be_is_ignored_with_a_note(
    open_app: Open, jobs: VpoServer, span: dict[str, str]
) -> None:
    app = open_app(PAGE, **span)
    filled(app, 1)
    assert "The time range in the URL is invalid." in app.text[0].value
    assert "http://e" not in app.text[0].value


def test_what_the_address_cannot_mean_is_the_default(open_app: Open, jobs: VpoServer) -> None:
    filled(open_app(PAGE, since="1y", by="<b>"), 1)


def test_without_jobs_the_page_says_so(open_app: Open, server: VpoServer) -> None:
    app = open_app(PAGE)
    for _ in range(60):
        if "No jobs in the last 24 hours." in captions(app):
            break
        app.run()
    assert "No jobs in the last 24 hours." in captions(app)


def test_the_same_facts_are_in_a_table(open_app: Open, jobs: VpoServer) -> None:
    app = open_app(PAGE)
    filled(app, 1)
    assert [box.label for box in app.expander] == ["Table"]
    app.session_state["timeline-table-open"] = True
    app.run()
    assert app.dataframe[0].value["file"].tolist() == ["new.mkv"]
    # As soon as its start is known, its run is told apart.
    until(app, lambda app: app.dataframe[0].value["run"].tolist() == ["5 min 00 s"])


def test_hostile_text_is_text(open_app: Open, server: VpoServer) -> None:
    server.store.add_job(
        job_type="![x](http://e/x)", status="running", file_path="/srv/<img src=x>\u202e\x1b[1m.mkv"
    )
    app = open_app(PAGE)
    data = filled(app, 1)
    assert data["bars"][0][-2] == "<img src=x>.mkv"
    assert "http://e" not in captions(app)
