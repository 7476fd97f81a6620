"""What a finished job did, on its page and in the list, from reports of any quality."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer
from vpo_monitor.demo.sample_media import MediaFile

from .conftest import until

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("ample_budget")
PATH = "/srv/media/Show S01E01.mkv"
NO_SUMMARY = "No summary available"


def add(server: VpoServer, at: datetime | None = None, **stats: Any) -> str:
    """Add a finished job with its report, and return its id."""
    ended = at or datetime.now(UTC)
    own = {"size_before": 7_700_000, "size_after": 4_500_000, "file_path": PATH}
    stats_id = server.store.add_stats(processed_at=ended, **{**own, **stats})
    return server.store.add_job(
        job_type="process",
        status="completed",
        file_path=PATH,
        created_at=ended - timedelta(minutes=2),
        completed_at=ended,
        summary_raw={"stats_id": stats_id},
    )


def component(app: AppTest, key: str) -> str:
    """The data of a component, as text; empty if it isn't drawn."""
    found = (one.proto for one in app.get("bidi_component"))
    texts = [one.json for one in found if key in one.id]
    return json.dumps(json.loads(texts[0]), ensure_ascii=False) if texts else ""


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def test_the_report_is_shown_and_requested_once(open_app: Open, server: VpoServer) -> None:
    job = add(
        server,
        source_codec="h264",
        video_transcoded=1,
        encoder_type="hardware",
        audio_removed=1,
        subtitle_removed=2,
        subtitles_before=2,
    )
    for _ in range(3):
        app = until(open_app("job", id=job), lambda app: component(app, "report-cards") != "")
        shown = component(app, "report-cards")
        for words in ("7.7 → 4.5 MB", "−42 %, 3.2 MB saved", "h264 → hevc", "hardware encoder"):
            assert words in shown
        assert "1 audio, 2 subtitles" in shown
        assert "2 of 2" in shown
    paths = [one.path for one in server.requests]
    assert sum(path.startswith("/api/stats/") and "files" not in path for path in paths) == 1


@pytest.mark.parametrize("raw", [None, {}, {"stats_id": 7}, {"stats_id": "../x"}])
def test_a_job_without_a_report_says_so(open_app: Open, server: VpoServer, raw: Any) -> None:
    job = server.store.add_job(job_type="process", status="completed", summary_raw=raw)
    app = until(open_app("job", id=job), lambda app: NO_SUMMARY in captions(app))
    assert not app.exception
    assert not [one for one in server.requests if one.path.startswith("/api/stats/")]


def test_a_report_that_is_gone_is_requested_once(open_app: Open, server: VpoServer) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    job = server.store.add_job(
        job_type="process", status="completed", summary_raw={"stats_id": unknown}
    )
    for _ in range(3):
        app = until(open_app("job", id=job), lambda app: NO_SUMMARY in captions(app))
        assert not app.exception
    assert [one.path for one in server.requests].count(f"/api/stats/{unknown}") == 1


def test_what_a_job_without_a_report_says_of_itself_is_shown(
    open_app: Open, server: VpoServer
) -> None:
    job = server.store.add_job(job_type="scan", status="completed", summary="Scanned 5 files")
    app = until(
        open_app("job", id=job), lambda app: "Scanned 5 files" in [t.value for t in app.text]
    )
    assert NO_SUMMARY not in captions(app)


HOSTILE = "![x](http://evil.example/a.png) <b>:red[y]</b>"
GARBAGE: tuple[Any, ...] = (
    None,
    "garbage \ud800",
    -7,
    [],
    {"nested": None},
    1e300,
    "",
    True,
    HOSTILE,
    2**62,
)


@pytest.mark.parametrize("value", GARBAGE, ids=repr)
def test_a_report_of_any_values_is_shown_as_far_as_possible(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    job = add(server)
    good = server.store.stats_detail
    runs = [{"stats_id": value, "processed_at": value, "policy_name": value, "size_before": value}]

    def spoiled(stats_id: str) -> Any:
        report = good(stats_id)
        assert report is not None
        return {**dict.fromkeys(report, value), "file_id": 7, "video_transcode_skipped": True}

    monkeypatch.setattr(server.store, "stats_detail", spoiled)
    monkeypatch.setattr(server.store, "file_runs", lambda _file_id: [*runs, value, 7, {}])
    app = until(open_app("job", id=job), lambda app: component(app, "file-runs") != "")
    assert not app.exception
    assert "transcode skipped" in component(app, "report-cards")
    assert not any(HOSTILE in text for text in captions(app))


def test_other_runs_of_the_file_link_to_their_jobs(open_app: Open, server: VpoServer) -> None:
    now = datetime.now(UTC)
    first = add(server, now - timedelta(days=3), policy_name="first", size_after=7_700_000)
    lost = server.store.add_stats(
        processed_at=now - timedelta(days=2), policy_name="lost", file_path=PATH, success=0
    )
    _add_file(server)
    job = add(server, now)
    assert lost
    app = until(open_app("job", id=job), lambda app: first in component(app, "file-runs"))
    lines = json.loads(component(app, "file-runs"))["items"]
    assert [(line["title"], line["target"] is None) for line in lines] == [
        ("lost", True),
        ("first", False),
    ]
    assert [line["text"] for line in lines] == ["VPO gave no reason", "size unchanged · 7.7 MB"]
    assert any(box.label == "Earlier runs of this file: 2" for box in app.expander)


def test_ten_thousand_runs_of_a_file_show_the_newest(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add_file(server)
    job = add(server)
    run = {"stats_id": "", "processed_at": datetime.now(UTC).isoformat(), "success": True}
    runs = [{**run, "stats_id": f"run-{number}"} for number in range(10_000)]
    monkeypatch.setattr(server.store, "file_runs", lambda _file_id: runs)
    app = until(open_app("job", id=job), lambda app: component(app, "file-runs") != "")
    assert len(json.loads(component(app, "file-runs"))["items"]) == 20
    assert "Showing the newest 20 of 9,999 runs." in captions(app)


def _add_file(server: VpoServer) -> None:
    server.store.add_file(MediaFile(PATH, 7_700_000, 1280, 720), datetime.now(UTC))


def results(app: AppTest) -> dict[str, str]:
    """The results in the list of jobs, by file name."""
    table = app.dataframe[0].value
    return dict(zip(table["file"], table["result"].fillna(""), strict=True))


def test_the_list_of_jobs_has_results_that_load_one_by_one(
    open_app: Open, server: VpoServer
) -> None:
    add(server, file_path="/srv/a.mkv")
    for path, error in (("/srv/b.mkv", "No space\nleft"), ("/srv/c.mkv", None)):
        status = "running" if error is None else "failed"
        server.store.add_job(file_path=path, status=status, error_message=error)
    expected = {"Show S01E01.mkv": "−42 % · 7.7 → 4.5 MB", "b.mkv": "No space", "c.mkv": ""}
    app = until(open_app("jobs"), lambda app: results(app) == expected)
    for _ in range(5):
        app.run()
    paths = [one.path for one in server.requests]
    assert sum(path.startswith("/api/stats/") for path in paths) == 1


def test_activity_and_timeline_say_what_a_job_did(open_app: Open, server: VpoServer) -> None:
    job = server.store.add_job(job_type="process", status="running", file_path=PATH)
    app = until(open_app(), lambda app: "Show S01E01" in component(app, "running"))
    stats_id = server.store.add_stats(
        size_before=7_700_000, size_after=4_500_000, file_path=PATH, video_skipped=0
    )
    server.store.update_job(
        job,
        status="completed",
        completed_at=datetime.now(UTC),
        summary_raw={"stats_id": stats_id},
    )
    words = "Finished · process · −42 % · 7.7 → 4.5 MB"
    until(app, lambda app: words in component(app, "activity-list"))
    until(
        open_app("timeline"), lambda app: "−42 % · 7.7 → 4.5 MB" in component(app, "timeline-chart")
    )


@pytest.mark.parametrize("public", ["", "https://vpo.example.org/"])
def test_a_job_links_to_its_page_of_vpo(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PUBLIC_URL", public)
    job = server.store.add_job(job_type="process", status="running")
    app = until(open_app("job", id=job), lambda app: bool(app.get("link_button")))
    (link,) = (one.proto for one in app.get("link_button"))
    assert link.label == "Open in VPO"
    assert link.url == f"{public.rstrip('/') or server.url}/jobs/{job}"
