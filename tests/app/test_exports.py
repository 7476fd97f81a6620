"""What viewers take along, page by page, without a browser."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest

from tests.vpo_server import Fault, VpoServer, utc_now
from vpo_monitor.analysis.exports.jobs_export import JobsExport, export_jobs
from vpo_monitor.polling.jobs_copy import JobsCopy

from .conftest import until

Open = Callable[..., AppTest]
HOSTILE = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The files that the app has given to Streamlit, by their names."""
    given = dict[str, bytes]()
    load = MemoryMediaFileStorage.load_and_get_id

    def load_and_note(self: Any, data: bytes, mime: str, kind: Any, name: str) -> str:
        given[name] = data
        return load(self, data, mime, kind, name)

    monkeypatch.setattr(MemoryMediaFileStorage, "load_and_get_id", load_and_note)
    return given


def add_jobs(server: VpoServer, count: int, **fields: Any) -> None:
    now = utc_now()
    with server.store.transaction():
        for number in range(count):
            made = {"file_path": f"/srv/{number}.mkv", "status": "failed", **fields}
            server.store.add_job(created_at=now - timedelta(seconds=number), **made)


def button(app: AppTest, label: str) -> Any:
    return next((one for one in app.button if one.label.startswith(label)), None)


def offered(app: AppTest) -> list[str]:
    """The labels of the download buttons that can be pressed."""
    return [one.label for one in app.download_button if not one.disabled]


def progress(app: AppTest) -> str:
    return "".join(element.proto.text for element in app.get("progress"))


def ready(app: AppTest) -> bool:
    return "JSON" in offered(app)


def jobs_page(open_app: Open, **view: str) -> AppTest:
    app = open_app("jobs", **view)
    return until(app, lambda app: not (button(app, "Download") or app.button[0]).disabled)


def rows_of(files: dict[str, bytes], ending: str) -> list[dict[str, Any]]:
    data = next(data for name, data in reversed(files.items()) if name.endswith(ending))
    if ending == "json":
        return list(json.loads(data)["rows"])
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_all_jobs_of_the_view_are_given_as_csv_and_json(
    open_app: Open, server: VpoServer, files: dict[str, bytes]
) -> None:
    add_jobs(server, 230)
    add_jobs(server, 3, status="completed", job_type=HOSTILE)
    app = jobs_page(open_app, status="failed", since="7d", page="2")
    assert button(app, "Download").label == "Download 230 jobs"
    assert not files
    button(app, "Download").click().run()
    until(app, ready)
    assert "All matching jobs (230). As of " in "".join(one.value for one in app.caption)
    host = f"127.0.0.1-{server.port}"
    for name in files:
        assert re.fullmatch(rf"vpo-{host}-jobs-failed-7d-\d{{8}}T\d{{4}}Z\.(csv|json)", name)
    assert [row["file_path"] for row in rows_of(files, "csv")] == [
        f"/srv/{number}.mkv" for number in range(230)
    ]
    assert [row["id"] for row in rows_of(files, "json")] == [
        row["id"] for row in rows_of(files, "csv")
    ]


def test_the_files_are_made_once_and_go_with_the_view(
    open_app: Open,
    server: VpoServer,
    files: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = list[JobsCopy]()

    def make_and_note(copy: JobsCopy, *given: Any) -> JobsExport:
        made.append(copy)
        return export_jobs(copy, *given)

    monkeypatch.setattr("vpo_monitor.views.jobs_download.export_jobs", make_and_note)
    add_jobs(server, 150)
    app = jobs_page(open_app)
    button(app, "Download").click().run()
    until(app, ready)
    names, asked = set(files), len(server.requests)
    add_jobs(server, 1)
    for _ in range(3):
        app.run()
    button(app, "Older page").click().run()
    assert ready(app)
    assert set(files) == names
    assert len(made) == 1
    assert not [r for r in server.requests[asked:] if "offset=95" in r.query]
    app.query_params["status"] = "failed"
    app.run()
    until(app, lambda app: button(app, "Download") is not None)
    assert not offered(app)


def test_a_fetch_shows_how_far_it_is_and_waits_while_the_database_is_held(
    open_app: Open, server: VpoServer, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_REQUESTS_PER_MINUTE", "60")
    add_jobs(server, 1800)
    app = jobs_page(open_app)
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.0)
    button(app, "Download").click().run()
    until(app, lambda app: "Waiting for VPO" in progress(app))
    assert button(app, "Cancel") is not None
    server.faults.clear()
    app.button(key="refresh").click().run()
    until(app, lambda app: bool(re.search(r"^[1-9],?\d* of 1,800 jobs$", progress(app))))
    button(app, "Cancel").click().run()
    assert button(app, "Download").label == "Download 1,800 jobs"
    assert not files


def test_an_answer_that_makes_no_sense_ends_the_fetch_with_a_sentence(
    open_app: Open, server: VpoServer
) -> None:
    add_jobs(server, 250)
    app = jobs_page(open_app)
    server.faults.set(Fault.MALFORMED, kind="html", routes={"jobs"})
    button(app, "Download").click().run()
    until(app, lambda app: any("Download failed" in one.value for one in app.caption))
    assert button(app, "Download") is not None


def test_a_viewer_who_has_paused_gets_the_file_all_the_same(
    open_app: Open, server: VpoServer, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLLING_ENABLED", "false")
    add_jobs(server, 120)
    app = jobs_page(open_app)
    button(app, "Download").click().run()
    until(app, ready)
    assert len(rows_of(files, "json")) == 120


def test_a_view_without_jobs_has_nothing_to_take_along(open_app: Open, server: VpoServer) -> None:
    app = open_app("jobs", status="failed")
    until(app, lambda app: any("No jobs match" in one.value for one in app.text))
    assert button(app, "Download").disabled


def test_each_table_of_the_statistics_is_given_in_both_forms(
    open_app: Open, server: VpoServer, files: dict[str, bytes]
) -> None:
    server.store.add_stats(size_before=1, size_after=9, policy_name=HOSTILE)
    add_jobs(server, 2, job_type="move", status="completed")
    app = until(open_app("statistics"), lambda app: len(app.dataframe) == 3)
    assert offered(app) == ["CSV", "JSON"] * 3
    names = {re.sub(r"^vpo-127.0.0.1-\d+-|-\d{8}T\d{4}Z", "", name) for name in files}
    assert names == {
        f"{what}-30d.{kind}"
        for what in ("processed-by-day", "policies", "queue-over-time")
        for kind in ("csv", "json")
    }
    policy = next(data for name, data in files.items() if "policies" in name and "csv" in name)
    row = next(csv.DictReader(io.StringIO(policy.decode("utf-8-sig"))))
    assert row["Policy"] == '\'=HYPERLINK("http://evil.example")'
    assert row["Saved (bytes)"] == "-8"


def test_the_jobs_of_the_timeline_and_the_errors_of_a_scan_are_given_in_both_forms(
    open_app: Open, server: VpoServer, files: dict[str, bytes]
) -> None:
    scan = server.store.add_job(job_type="scan", status="completed", file_path="/srv")
    server.store.add_scan_errors(
        scan, [{"path": "/srv/a.mkv", "error": "=1"}, {"path": "/srv/b.mkv", "error": "no"}]
    )
    app = open_app("timeline")
    app.session_state["timeline-table-open"] = True
    until(app.run(), ready)
    assert rows_of(files, "csv")[0]["id"] == scan
    assert {name.rpartition("-")[0].partition("-timeline")[2] for name in files} == {"-24h-by-type"}
    app = until(open_app("job", id=scan), ready)
    app.text_input(key="scan-errors-find").set_value("A.MKV").run()
    assert rows_of(files, "csv") == [{"path": "/srv/a.mkv", "filename": "a.mkv", "error": "'=1"}]
    assert rows_of(files, "json") == [{"path": "/srv/a.mkv", "filename": "a.mkv", "error": "=1"}]
    assert f"-scan-errors-{scan[:8]}-search-A.MKV-" in list(files)[-1]
