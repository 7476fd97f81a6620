"""Reports of what jobs did: requested once, those of viewed jobs first, and kept."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scripted_vpo import GARBAGE, ScriptedVpo, detail, job_path
from vpo_monitor.api.errors import NotFound
from vpo_monitor.api.models import Job, JobDetail, JobPage
from vpo_monitor.history.backfill import backfill
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobResult
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
REPORT = {"size_before": 7_700_000, "size_after": 4_500_000, "success": True, "file_id": 5}


def report_path(number: int) -> str:
    return f"/api/stats/report-{number}"


class World:
    """A VPO with completed jobs, each with a report, and a tracker that has seen its job list."""

    def __init__(self, jobs: int, path: Path | None = None, **reports: Any) -> None:
        self.vpo = ScriptedVpo()
        self.path = path
        for number in range(jobs):
            raw = {"stats_id": f"report-{number}"}
            self.vpo.answers[job_path(f"job-{number}")] = detail(
                f"job-{number}", "completed", summary_raw=raw
            )
            self.vpo.answers[report_path(number)] = reports.get(f"report_{number}", REPORT)
        self.rows = tuple(
            Job(
                id=f"job-{number}",
                status="completed",
                completed_at=START - timedelta(minutes=number),
            )
            for number in range(jobs)
        )
        self.open()

    def open(self) -> None:
        """Start the app."""
        self.store = Store(self.path)
        self.tracker = JobTracker(
            self.store,
            "http://vpo",
            most_jobs=1000,
            utcnow=lambda: START + timedelta(seconds=self.vpo.now),
        )
        self.poller = self.vpo.poller(on_answer=self.tracker.ingest)
        page = JobPage(rows=self.rows, total=len(self.rows))
        self.tracker.ingest(queries.jobs(limit=100), page, self.vpo.now, 0.0)

    def wait(self, seconds: int) -> None:
        """Let time pass with one page open."""
        for _ in range(seconds):
            self.vpo.now += 1
            backfill(self.poller, self.tracker)

    def known(self) -> set[str]:
        """The ids of the jobs whose report is known."""
        return {one.id for one in self.tracker.records() if one.result}


def test_every_report_is_requested_once_and_survives_a_restart(tmp_path: Path) -> None:
    world = World(10, tmp_path / "history")
    world.wait(120)
    assert len(world.known()) == 10
    world.store.close()
    world.open()
    world.wait(60)
    assert len(world.known()) == 10
    assert [len(world.vpo.times(report_path(number))) for number in range(10)] == [1] * 10
    assert world.tracker.report("report-3") is not None
    assert JobResult.from_json(world.tracker.records_of(["job-3"])["job-3"].result) == JobResult(
        7_700_000, 4_500_000
    )
    world.store.close()


def test_reports_of_viewed_jobs_come_first() -> None:
    world = World(60)
    viewed = [f"job-{number}" for number in range(50, 58)]
    world.tracker.view(viewed)
    world.wait(45)
    assert set(viewed) <= world.known()
    assert len(world.known()) < 20


def test_a_report_that_is_gone_is_remembered_and_one_that_never_parses_holds_up_no_other() -> None:
    world = World(6, report_1=NotFound("gone"), report_2=GARBAGE)
    world.wait(120)
    assert world.known() == {f"job-{number}" for number in (0, 3, 4, 5)}
    assert len(world.vpo.times(report_path(1))) == 1
    assert world.tracker.report("report-1") is False
    assert world.tracker.report("report-2") is None


def test_a_report_that_a_page_requests_is_left_to_it() -> None:
    world = World(3)
    world.tracker.claim_report("report-1")
    world.wait(30)
    assert world.known() == {"job-0", "job-2"}
    world.wait(60)  # the page was closed before the answer
    assert world.known() == {"job-0", "job-1", "job-2"}


def test_details_of_an_earlier_version_are_completed_for_viewed_jobs_alone() -> None:
    world = World(4)
    world.store.write(lambda database: database.execute("UPDATE jobs SET has_detail = 1"))
    world.wait(30)
    assert world.known() == set()
    world.tracker.view(["job-2"])
    world.wait(30)
    assert world.known() == {"job-2"}


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else "x"


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"stats_id": None},
        {"stats_id": 12},
        {"stats_id": ["a"]},
        {"stats_id": ""},
        {"stats_id": "../../jobs"},
        {"stats_id": "a" * 65},
        {"stats_id": "a b"},
        {"stats_id": "\ud800"},
    ],
)
def test_a_stats_id_that_is_no_id_is_never_requested(raw: Any) -> None:
    world = World(1)
    world.vpo.answers[job_path("job-0")] = detail("job-0", "completed", summary_raw=raw)
    world.wait(30)
    record = world.tracker.record("job-0")
    assert record is not None
    assert (record.stats_id, record.result) == ("", None)
    assert JobDetail.read(detail("job-0", "completed", summary_raw=raw)).stats_id is None


@pytest.mark.parametrize(
    "value", [None, -1, 2**200, 1e308, "x" * 10_000, [], {}, True, float("nan"), "\ud800", "\0"]
)
def test_no_value_of_a_report_keeps_it_from_being_stored(value: Any) -> None:
    names = ("size_before", "size_after", "video_skip_reason", "actions", "file_id", "success")
    hostile = dict.fromkeys((*names, "error_message", "processed_at", "phases_total"), value)
    world = World(1, report_0={**hostile, "video_transcode_skipped": True})
    world.wait(30)
    assert world.tracker.report("report-0")
    assert world.known() == {"job-0"}
    assert JobResult.from_json(world.tracker.records()[0].result) is not None


def test_actions_of_any_shape_are_kept_as_text() -> None:
    actions = ["remux", {"kind": "drop", "track": 2}, None, 7, _nested(900), *["more"] * 100]
    world = World(1, report_0={**REPORT, "actions": actions})
    world.wait(30)
    report = world.tracker.report("report-0")
    assert report
    assert report.actions[:3] == ("remux", '{"kind": "drop", "track": 2}', "7")
    assert len(report.actions) <= 20


@pytest.mark.parametrize("broken", ["{", "[]", '"x"', "null"])
def test_a_stored_report_that_was_edited_is_requested_again(broken: str) -> None:
    world = World(1)
    world.wait(30)
    world.store.write(lambda database: database.execute("UPDATE reports SET report = ?", (broken,)))
    assert world.tracker.report("report-0") is None


def test_the_runs_of_a_file_are_the_newest_however_many_there_are() -> None:
    runs = [{"stats_id": f"run-{number}", "size_before": 1} for number in range(10_000)]
    world = World(0)
    world.vpo.answers["/api/stats/files/5"] = runs
    shown = world.poller.read(queries.file_runs(5), 5.0).data
    assert shown is not None
    assert (len(shown.runs), shown.total) == (20, 10_000)
    assert shown.runs[0].stats_id == "run-0"


def test_reports_without_jobs_are_forgotten() -> None:
    world = World(3)
    world.wait(40)
    world.store.write(lambda database: database.execute("DELETE FROM jobs WHERE id = 'job-1'"))
    world.vpo.now += 7200
    page = JobPage(rows=world.rows[:1], total=1)
    world.tracker.ingest(queries.jobs(limit=100), page, world.vpo.now, 0.0)
    (stored,) = world.store.read("SELECT json_group_array(stats_id) FROM reports")
    assert sorted(json.loads(stored[0])) == ["report-0", "report-2"]
