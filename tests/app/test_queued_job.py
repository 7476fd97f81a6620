"""The page and the bar of a queued job, without a browser."""

import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer, media_file

from .conftest import shown, until
from .test_overview import WITHIN_HOURS, add, add_files_that_took_10_min, ago
from .test_timeline import chart

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("ample_budget")


def cards(app: AppTest) -> dict[str, dict[str, Any]]:
    """The cards of the job, by label; its facts are among them."""
    return {card["label"]: card for one in shown(app, "cards") for card in one["cards"]}


@pytest.fixture
def jobs(server: VpoServer) -> list[str]:
    """Two queued jobs behind a running one, of files that take 10 min."""
    add_files_that_took_10_min(server)
    path = media_file(Random(1)).path
    add(server, status="running", file_path=path, started_at=ago(60), created_at=ago(900))
    return [add(server, file_path=path, created_at=ago(seconds)) for seconds in (800, 700)]


def test_its_page_shows_position_start_and_end(open_app: Open, jobs: list[str]) -> None:
    app = open_app("job", id=jobs[1])
    app = until(app, lambda app: "min" in cards(app).get("Starts", {"text": ""})["text"])
    shown_cards = cards(app)
    assert (shown_cards["Position"]["text"], shown_cards["Position"]["note"]) == ("2", "of 2")
    assert re.fullmatch(WITHIN_HOURS, shown_cards["Starts"]["text"])
    assert re.fullmatch(WITHIN_HOURS, shown_cards["Ends"]["text"])
    assert shown_cards["Estimate"]["text"].startswith("Assumes 1 worker")
    assert "Progress" not in shown_cards


def test_its_page_follows_the_queue_on_its_own(
    open_app: Open, server: VpoServer, jobs: list[str]
) -> None:
    app = open_app("job", id=jobs[1])
    app = until(app, lambda app: cards(app).get("Position", {"text": ""})["text"] == "2")
    server.store.update_job(jobs[0], status="cancelled", completed_at=ago(0))
    until(app, lambda app: cards(app)["Position"]["text"] == "1")


def test_a_job_that_starts_is_shown_as_running(
    open_app: Open, server: VpoServer, jobs: list[str]
) -> None:
    app = until(open_app("job", id=jobs[0]), lambda app: "Position" in cards(app))
    server.store.update_job(jobs[0], status="running", started_at=ago(1))
    app = until(app, lambda app: "Remaining" in cards(app))
    assert "Position" not in cards(app)


def test_its_bar_is_right_of_now(open_app: Open, jobs: list[str]) -> None:
    def expected(app: AppTest) -> list[Any]:
        data = chart(app)
        return [bar for bar in data["bars"] if data["shapes"][bar[2]] == "expected"]

    app = until(open_app("timeline"), lambda app: len(expected(app)) == 2)
    data = chart(app)
    for bar in expected(app):
        _, _, _, _, created, begins, ends = bar[:7]
        low, high, starts, ends_text = bar[13]
        assert created < data["now"] < begins < ends < data["length"]
        assert data["now"] < low < begins
        assert ends < high <= data["length"]
        assert starts.startswith("in ")
        assert ends_text.startswith("in ")


def test_without_a_queue_the_axis_ends_now(open_app: Open, server: VpoServer) -> None:
    add(server, status="running", started_at=ago(60))
    app = until(open_app("timeline"), lambda app: len(chart(app)["bars"]) == 1)
    assert chart(app)["now"] == chart(app)["length"]
