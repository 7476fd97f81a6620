"""The statistics page, and the views that draw what job records tell."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import Fault, VpoServer, utc_now
from vpo_monitor.history.job_tracker import JobTracker

from .conftest import shown, until

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("ample_budget")
HOSTILE = "![x](http://evil.example/a.png) <b>:red[y]</b>"


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The specifications of the charts."""
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def captions(app: AppTest) -> str:
    return "\n".join(caption.value for caption in app.caption)


def add(server: VpoServer, **fields: Any) -> None:
    server.store.add_stats(size_before=9_000_000_000, size_after=2_000_000_000, **fields)


def draw_records(*, many: bool, hostile: str) -> None:
    """A page of its own with the views of job records."""
    from datetime import UTC, datetime, timedelta

    from tests.tracked import tracker_of
    from vpo_monitor.analysis.exports.provenance import Provenance
    from vpo_monitor.api.server import Server
    from vpo_monitor.history.records import JobRecord
    from vpo_monitor.views.reasons_view import failure_reasons
    from vpo_monitor.views.run_times_view import run_time_charts

    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def job(number: int, status: str, seconds: float | None, error: str = "") -> JobRecord:
        return JobRecord(
            id=str(number),
            job_type=hostile,
            status=status,
            file_path=f"/srv/{hostile}.mkv",
            started_at=None if seconds is None else now - timedelta(seconds=seconds),
            completed_at=now,
            error=error or None,
            has_detail=seconds is not None,
        )

    records = [job(0, "completed", 60.0)]
    if many:
        records += [job(n, "completed", 100.0 + n) for n in range(20)]
        records += [job(90, "completed", 90_000.0), job(91, "completed", None)]
        records += [job(92, "failed", 5.0, hostile), job(93, "failed", None)]
    provenance = Provenance(Server("VPO", "http://nas:8321"), now)
    tracker = tracker_of(records)
    completed = tracker.count_finished(None)["completed"]
    run_time_charts(tracker, None, completed, provenance)
    failure_reasons(tracker.failed(None), provenance, now)


def test_the_viewer_chooses_the_periods(open_app: Open, server: VpoServer) -> None:
    import altair as alt  # takes half a second, which each worker would need to find its tests

    add(server)
    app = until(open_app("statistics"), lambda app: len(charts(app)) == 3)
    app.segmented_control(key="stats-by").set_value("month").run()
    until(app, lambda app: any("group_by=month" in r.query for r in server.requests))
    until(app, lambda app: "Space saved per month" in [h.value for h in app.subheader])
    until(app, lambda app: "Month (UTC)" in str(charts(app)))
    assert "Space saved (GB)" in str(charts(app))
    for chart in charts(app):
        alt.Chart.from_dict(chart, validate=True)


def test_the_time_is_part_of_every_question(open_app: Open, server: VpoServer) -> None:
    add(server)
    app = until(open_app("statistics"), lambda app: len(charts(app)) == 3)
    app.segmented_control(key="stats-since").set_value("7d").run()
    assert app.query_params["stats-since"] == "7d"
    until(app, lambda app: len({r.path for r in server.requests if "since=7d" in r.query}) == 4)


@pytest.mark.parametrize(("since", "by"), [("all", "week"), ("All time", "Week")])
def test_a_link_shows_the_same_choice(
    since: str, by: str, open_app: Open, server: VpoServer
) -> None:
    add(server)
    query = {"stats-since": since, "stats-by": by}
    app = until(open_app("statistics", **query), lambda app: len(charts(app)) == 3)
    assert "Files per week" in [heading.value for heading in app.subheader]
    assert not any("since" in request.query for request in server.requests)


def test_nothing_processed_is_said_rather_than_drawn(open_app: Open, server: VpoServer) -> None:
    app = until(open_app("statistics"), lambda app: "No files processed" in captions(app))
    assert "Files" not in json.dumps(charts(app))
    assert "No known completed jobs" in captions(app)
    assert "No known failed jobs" in captions(app)


def test_a_hostile_policy_is_a_cell_and_nothing_else(open_app: Open, server: VpoServer) -> None:
    add(server, policy_name=HOSTILE)
    app = until(open_app("statistics"), lambda app: len(app.dataframe) == 3)
    assert HOSTILE in app.dataframe[1].value["Policy"].tolist()
    assert all("evil" not in str(element.value) for element in (*app.markdown, *app.caption))


@pytest.mark.parametrize("many", [False, True])
def test_views_of_records_say_from_how_many_they_are(many: bool) -> None:  # noqa: FBT001
    app = AppTest.from_function(
        draw_records, kwargs={"many": many, "hostile": "transcode"}, default_timeout=20
    ).run()
    assert not app.exception
    said = captions(app)
    if many:
        assert "Based on 22 of 23 known completed jobs" in said
        assert "Based on 1 of 2 known failed jobs" in said
        assert "Orange dot" in said
    else:
        assert "Based on all known completed jobs in this period (1)" in said
        assert "Box:" not in said


def test_hostile_records_are_data_of_the_charts_and_cells_of_the_tables() -> None:
    app = AppTest.from_function(
        draw_records, kwargs={"many": True, "hostile": HOSTILE}, default_timeout=20
    ).run()
    assert not app.exception
    assert "evil" not in json.dumps(charts(app))
    everywhere = (*app.markdown, *app.caption, *app.subheader, *app.text)
    assert all("evil" not in str(element.value) for element in everywhere)
    assert HOSTILE in app.dataframe[2].value["Example"].tolist()


def test_a_reason_opens_to_its_jobs(open_app: Open, server: VpoServer) -> None:
    ids = [
        server.store.add_job(
            job_type="move",
            status="failed",
            file_path=f"/srv/{name}.mkv",
            error_message=f"The disk is full: /srv/{name}.mkv",
        )
        for name in ("a", "b")
    ]
    server.store.add_job(job_type="move", status="failed", error_message="Something else")

    app = open_app("statistics")
    until(app, lambda app: any("(2)" in str(box.options) for box in app.selectbox))
    app.selectbox(key="reason").select_index(0).run()
    (lines,) = shown(app, "link_list")
    assert {line["target"] for line in lines["items"]} == {f"/job?id={job_id}" for job_id in ids}


def test_throughput_and_queue_times_are_of_the_jobs_that_finished(
    open_app: Open, server: VpoServer
) -> None:
    now = utc_now()
    for minutes in range(1, 11):
        created = now - timedelta(hours=3)
        server.store.add_job(
            job_type="move",
            status="completed",
            created_at=created,
            started_at=created + timedelta(minutes=minutes),
            completed_at=now - timedelta(hours=1),
        )
    app = open_app("statistics", **{"stats-since": "24h"})
    until(app, lambda app: figures(app).get("90 % waited at most") == "9 min 00 s")
    until(app, lambda app: "Queue times are known" not in captions(app))
    assert figures(app)["Median queue time"] == "5 min 00 s"
    assert figures(app)["90 % waited at most"] == "9 min 00 s"
    assert figures(app)["Jobs finished"] == "10"
    assert figures(app)["Per hour"] == "0.4"


@pytest.mark.parametrize(("share", "note"), [(1.0, ""), (0.81, "81 % were monitored")])
def test_the_period_before_is_beside_this_one(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch, share: float, note: str
) -> None:
    monkeypatch.setattr(JobTracker, "monitored_share", lambda *_period: share)
    for hours in (1, 2, 30):
        ended = utc_now() - timedelta(hours=hours)
        server.store.add_job(job_type="move", status="completed", completed_at=ended)
    app = open_app("statistics", **{"stats-since": "7d"})
    until(app, lambda app: figures(app).get("Jobs finished") == "3")
    app.segmented_control(key="stats-since").set_value("24h").run()
    until(app, lambda app: figures(app).get("Jobs finished") == "2")
    assert [metric.delta for metric in app.metric][-4] == "1 the 24 hours before"
    assert note in captions(app)


def test_the_period_before_is_left_out_if_it_was_hardly_monitored(
    open_app: Open, server: VpoServer
) -> None:
    server.store.add_job(job_type="move", status="completed", completed_at=utc_now())
    app = open_app("statistics", **{"stats-since": "24h"})
    until(app, lambda app: figures(app).get("Jobs finished") == "1")
    assert not any(metric.delta for metric in app.metric)
    assert "were monitored" not in captions(app)


def test_what_is_not_known_yet_is_not_counted_as_0(open_app: Open, server: VpoServer) -> None:
    server.faults.set(Fault.UNAUTHORIZED)
    app = open_app("statistics", **{"stats-since": "24h"})
    assert figures(app)["Jobs finished"] == figures(app)["Per hour"] == "–"
    server.faults.clear()
    app.button(key="refresh").click().run()
    until(app, lambda app: figures(app)["Jobs finished"] == "0")


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_queue_over_time_has_its_peak_and_the_mean_wait_beside_it(
    open_app: Open, server: VpoServer
) -> None:
    now = utc_now()
    for minutes in (2, 4):
        created = now - timedelta(hours=3)
        server.store.add_job(
            job_type="move",
            status="completed",
            created_at=created,
            started_at=created + timedelta(minutes=minutes),
            completed_at=now - timedelta(hours=1),
        )
    for _ in range(3):
        server.store.add_job(status="queued")
    app = open_app("statistics", **{"stats-since": "24h"})
    until(app, lambda app: figures(app).get("Mean queue time") == "3 min 00 s")
    assert figures(app)["Longest queue"] == "3"
    assert re.search(
        r"Longest at \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)\. Highest counts in each 5 min\.",
        captions(app),
    )
    (chart,) = (one for one in charts(app) if "areas" in json.dumps(one))
    areas, slots = chart["layer"]
    assert (areas["data"]["name"], slots["data"]["name"]) == ("areas", "slots")
    # No jobs are a line on the axis, as an area without height would look like a gap.
    assert areas["mark"]["line"]
    assert areas["encoding"]["y"]["field"] == "high"


def draw_queue(*, hours: tuple[int, ...]) -> None:
    """A page of its own with the queue of a day, monitored in the first minutes of these hours."""
    from datetime import UTC, datetime, timedelta

    from vpo_monitor.analysis.charts.queue_over_time import QueueOverTime, QueueSlot
    from vpo_monitor.analysis.exports.provenance import Provenance
    from vpo_monitor.api.server import Server
    from vpo_monitor.views.queue_view import queue_chart

    day, slot = datetime(2026, 11, 24, tzinfo=UTC), timedelta(minutes=5)
    slots = [
        QueueSlot(begin, begin + slot, 2, 7)
        for begin in (day + timedelta(hours=hour) + n * slot for hour in hours for n in range(2))
    ]
    queue = QueueOverTime(day, day + timedelta(days=1), slot, slots, None)
    queue_chart(queue, None, Provenance(Server("VPO", "http://nas:8321"), day))


def test_a_gap_in_the_queue_breaks_its_areas() -> None:
    import altair as alt

    drawn = AppTest.from_function(draw_queue, kwargs={"hours": (3, 9)}, default_timeout=20).run()
    (chart,) = charts(drawn)
    alt.Chart.from_dict(chart, validate=True)
    areas = table_of(drawn, "areas")
    queued = areas[areas["kind"] == "Queued"]
    assert [list(run["high"]) for _, run in queued.groupby("run")] == [[9, 9, 9]] * 2
    hours = (queued["at"] / 3_600_000 % 24).round(2).tolist()
    assert hours == [3, 3.08, 3.17, 9, 9.08, 9.17]


def test_a_period_that_was_not_monitored_has_a_sentence_in_place_of_a_chart() -> None:
    drawn = AppTest.from_function(draw_queue, kwargs={"hours": ()}, default_timeout=20).run()
    assert not charts(drawn)
    assert "Not monitored in this period." in captions(drawn)
    assert figures(drawn) == {"Longest queue": "–", "Mean queue time": "–"}


def table_of(app: AppTest, name: str) -> Any:
    """A table of the only chart."""
    import pyarrow as pa

    (element,) = app.get("vega_lite_chart")
    (data,) = (one.data.data for one in element.proto.datasets if one.name == name)
    return pa.ipc.open_stream(data).read_pandas()
