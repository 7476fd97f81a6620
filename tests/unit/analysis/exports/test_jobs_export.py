"""The files of the jobs of a view, and the sentence that says how complete they are."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from vpo_monitor.analysis.exports.jobs_export import coverage, export_jobs, jobs_provenance
from vpo_monitor.analysis.job_filter import JobFilter
from vpo_monitor.api.models import Job
from vpo_monitor.api.server import Server
from vpo_monitor.polling.jobs_copy import JobsCopy

NOW = datetime(2026, 11, 25, 2, 33, 5, tzinfo=UTC)
SERVER = Server("VPO", "http://nas:8321", SecretStr("a-token-of-16-signs"))
JOBS = (
    Job(
        id="1",
        job_type="scan",
        status="failed",
        file_path='=/srv/"a", b.mkv',
        progress_percent=100.0,
        created_at=NOW - timedelta(hours=1),
        completed_at=NOW - timedelta(minutes=59.5),
        duration_seconds=30.0,
    ),
    Job(id="2", status="queued"),
)
COPY = JobsCopy(NOW - timedelta(seconds=9), NOW, JOBS, total=2, is_done=True)


def test_both_files_have_the_fields_of_the_list() -> None:
    view = JobFilter(status="failed", since="7d", page=3)
    files = export_jobs(COPY, view, SERVER)
    assert files.coverage == "All matching jobs (2)."
    assert files.provenance.file_name("csv") == "vpo-nas-8321-jobs-failed-7d-20261125T0233Z.csv"
    told = json.loads(files.json)
    assert told["rows"][0] == {
        "id": "1",
        "job_type": "scan",
        "status": "failed",
        "file_path": '=/srv/"a", b.mkv',
        "progress_percent": 100.0,
        "created_at": "2026-11-25T01:33:05Z",
        "completed_at": "2026-11-25T01:33:35Z",
        "duration_seconds": 30.0,
    }
    assert told["rows"][1]["progress_percent"] is None
    assert told["view"] == {
        "status": "failed",
        "since": "7d",
        "sort": "created_at",
        "order": "desc",
    }
    assert (told["matching"], told["count"]) == (2, 2)
    assert (told["fetching_began_at"], told["fetched_at"]) == (
        "2026-11-25T02:32:56Z",
        "2026-11-25T02:33:05Z",
    )
    rows = list(csv.DictReader(io.StringIO(files.csv.decode("utf-8-sig"))))
    assert [list(row) for row in rows] == [list(row) for row in told["rows"]]
    assert rows[0]["file_path"] == '\'=/srv/"a", b.mkv'
    assert rows[1] == dict.fromkeys(rows[1], "") | {"id": "2", "status": "queued"}


@pytest.mark.parametrize(
    ("view", "told"),
    [
        ({}, "jobs"),
        ({"page": 9}, "jobs"),
        ({"status": "failed", "since": "7d"}, "jobs-failed-7d"),
        ({"type": "scan", "search": "../ä b"}, "jobs-scan-search-a-b"),
        ({"sort": "duration", "order": "asc"}, "jobs-by-duration-asc"),
    ],
)
def test_the_name_says_the_view(view: dict[str, Any], told: str) -> None:
    assert jobs_provenance(COPY, JobFilter(**view), SERVER).stem == f"vpo-nas-8321-{told}"


def test_the_name_says_that_jobs_are_left_out() -> None:
    full = replace(COPY, is_full=True)
    assert jobs_provenance(full, JobFilter(status="failed"), SERVER).stem == (
        "vpo-nas-8321-jobs-first-2-failed"
    )


@pytest.mark.parametrize(
    ("copy", "sentence"),
    [
        ({}, "All matching jobs (2)."),
        (
            {"total": 34_567, "is_full": True, "is_changed": True},
            (
                "First 2 of 34,567 jobs in this order, the maximum per file. "
                "Filter the list to get the rest."
            ),
        ),
        (
            {"total": 5, "is_changed": True},
            "2 jobs. The list changed during the export: 5 match now.",
        ),
        ({"total": 3}, "2 of 3 jobs. The others couldn't be read."),
    ],
)
def test_a_sentence_says_how_complete_the_files_are(copy: dict[str, Any], sentence: str) -> None:
    assert coverage(replace(COPY, **copy)) == sentence
