"""The library page."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import Fault, VpoServer, utc_now
from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import LibraryPage
from vpo_monitor.demo.sample_media import MediaFile

from .conftest import until

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("ample_budget")


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def fill(server: VpoServer) -> None:
    """Two scans, between which a second file came; one file each with an error and missing."""
    now = utc_now()
    add = server.store.add_file
    add(MediaFile("/srv/a.mkv", 4_000_000_000, 1920, 1080), now - timedelta(days=3))
    add(MediaFile("/srv/b.mkv", 1_000_000_000, 1280, 720, "hevc"), now - timedelta(days=1))
    add(MediaFile("/srv/c.mkv", 0, 0, 0), now - timedelta(days=1), "error", "moov atom not found")
    add(MediaFile("/srv/d.mkv", 0, 0, 0), now - timedelta(days=1), "missing")
    for days in (2, 0):
        server.store.add_job(
            job_type="scan", status="completed", completed_at=now - timedelta(days=days)
        )


def test_the_library_has_numbers_charts_and_its_files_with_problems(
    open_app: Open, server: VpoServer
) -> None:
    import altair as alt

    fill(server)
    app = until(open_app("library"), lambda app: len(charts(app)) == 5)
    for chart in charts(app):
        alt.Chart.from_dict(chart, validate=True)
    until(app, lambda app: len(app.dataframe) == 3)
    codecs, scans, problems = (frame.value for frame in app.dataframe)
    assert figures(app) == {"Files": "4", "Size": "5.0 GB", "With errors": "1", "Missing": "1"}
    assert sorted(codecs["Name"]) == ["aac", "h264", "hevc", "matroska,webm"]
    assert scans["Files"].tolist() == [4, 1]
    assert problems["Problem"].tolist() == ["Error", "Missing"]
    assert problems["Error"].tolist() == ["moov atom not found", ""]
    assert "Showing" not in captions(app)


def test_an_empty_library_is_said_rather_than_drawn(open_app: Open, server: VpoServer) -> None:
    app = open_app("library")
    until(app, lambda app: "none is missing" in captions(app) and "No scans" in captions(app))
    assert "No files known." in captions(app)
    assert not charts(app)
    assert figures(app) == {"Files": "–", "Size": "–", "With errors": "0", "Missing": "0"}


@pytest.mark.parametrize(
    ("method", "said", "count"),
    [
        ("library_distribution", "doesn't provide containers and codecs", 2),
        ("library_trends", "doesn't provide files and size over time", 3),
        ("library_files", "doesn't provide files with errors", 5),
    ],
)
def test_an_older_vpo_lacks_a_part_and_the_others_are_shown(
    open_app: Open,
    server: VpoServer,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    said: str,
    count: int,
) -> None:
    def lack(*_args: Any, **_named: Any) -> Any:
        raise errors.NotFound("no such route")

    monkeypatch.setattr(VpoClient, method, lack)
    fill(server)
    app = until(open_app("library"), lambda app: said in captions(app))
    until(app, lambda app: len(charts(app)) == count)
    assert not app.exception
    assert not app.error


def test_a_locked_database_leaves_what_is_known(open_app: Open, server: VpoServer) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0)
    app = until(open_app("library"), lambda app: "no response from VPO yet" in captions(app))
    assert figures(app) == dict.fromkeys(("Files", "Size", "With errors", "Missing"), "–")
    server.faults.clear()
    fill(server)
    app.button(key="refresh").click().run()
    until(app, lambda app: len(charts(app)) == 5)
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0)
    app.button(key="refresh").click().run()
    assert len(charts(app)) == 5


def test_more_files_than_one_page_are_counted(open_app: Open, server: VpoServer) -> None:
    for number in range(130):
        server.store.add_file(MediaFile(f"/srv/{number}.mkv", 0, 0, 0), utc_now(), "missing")
    app = until(open_app("library"), lambda app: "Showing 100 of 130 files." in captions(app))
    assert figures(app)["Missing"] == "130"


def test_files_that_are_unreadable_in_the_response_are_not_none(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable = LibraryPage.read({"files": [7], "total": 1})
    monkeypatch.setattr(VpoClient, "library_files", lambda *_args, **_named: unreadable)
    app = until(open_app("library"), lambda app: "2 files skipped" in captions(app))
    assert "Showing 0 of 2 files." in captions(app)
    assert "none is missing" not in captions(app)


def test_it_is_asked_for_once_in_five_minutes(open_app: Open, server: VpoServer) -> None:
    fill(server)
    app = until(open_app("library"), lambda app: len(charts(app)) == 5)
    asked = sum("library" in request.path for request in server.requests)
    for _tick in range(5):
        app.run()
    assert sum("library" in request.path for request in server.requests) == asked == 4
