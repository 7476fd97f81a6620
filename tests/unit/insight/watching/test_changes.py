"""What an answer says has happened to a job."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.api.models import Job, JobDetail
from vpo_monitor.insight.watching.changes import Kind, change_of, updated, vanished
from vpo_monitor.insight.watching.job_record import JobRecord

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = NOW - timedelta(seconds=5)


def record(status: str, *, created: float = 3600, ended: float | None = None) -> JobRecord:
    """A job created, and perhaps ended, so many seconds ago."""
    return JobRecord(
        "a",
        job_type="move",
        status=status,
        file_path="/srv/a.mkv",
        created_at=NOW - timedelta(seconds=created),
        completed_at=None if ended is None else NOW - timedelta(seconds=ended),
    )


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("queued", "running", Kind.STARTED),
        ("queued", "completed", Kind.FINISHED),
        ("queued", "cancelled", Kind.CANCELLED),
        ("running", "completed", Kind.FINISHED),
        ("running", "failed", Kind.FAILED),
        ("running", "queued", Kind.REQUEUED),
        ("failed", "queued", Kind.REQUEUED),
        ("failed", "running", Kind.REQUEUED),
        ("running", "running", None),
        ("running", "paused", None),
    ],
)
def test_a_change_of_status_is_what_happened(before: str, after: str, kind: Kind | None) -> None:
    change = change_of(record(before), record(after), NOW, BEFORE)
    assert (change and change.kind) == kind


def test_an_end_is_told_at_the_servers_time_and_else_when_it_was_seen() -> None:
    ended = change_of(record("running"), record("completed", ended=90), NOW, BEFORE)
    assert ended is not None
    assert ended.at == NOW - timedelta(seconds=90)
    begun = change_of(record("queued"), record("running"), NOW, BEFORE)
    assert begun is not None
    assert begun.at == NOW


@pytest.mark.parametrize(
    ("job", "kind"),
    [
        (record("queued", created=1), Kind.QUEUED),
        (record("running", created=1), Kind.STARTED),
        (record("completed", created=90, ended=1), Kind.FINISHED),
        (record("failed", created=90, ended=1), Kind.FAILED),
        (record("queued", created=60), None),  # another filter has just not shown it
        (record("completed", created=90, ended=60), None),
        (JobRecord("b", status="queued"), None),
    ],
)
def test_a_job_seen_first_is_news_only_if_it_came_since_the_last_look(
    job: JobRecord, kind: Kind | None
) -> None:
    change = change_of(None, job, NOW, BEFORE)
    assert (change and change.kind) == kind
    assert change_of(None, job, NOW, None) is None


def test_what_a_detail_told_outlives_the_next_list_and_not_the_jobs_next_life() -> None:
    detail = JobDetail(
        id="a", status="running", policy_name="p", priority=1, started_at=BEFORE, created_at=BEFORE
    )
    known = updated(None, detail)
    assert known.has_detail
    listed = updated(known, Job(id="a", status="running", progress_percent=40.0))
    assert (listed.policy_name, listed.started_at, listed.has_detail) == ("p", BEFORE, True)
    ended = updated(listed, Job(id="a", status="completed", completed_at=NOW))
    assert (ended.policy_name, ended.started_at, ended.has_detail) == ("p", BEFORE, False)
    again = updated(ended, Job(id="a", status="queued"))
    assert (again.policy_name, again.started_at, again.has_detail) == ("p", None, False)


def test_of_an_error_the_first_line_is_kept_as_plain_text() -> None:
    failed = JobDetail(id="a", status="failed", error_message="\n\x1b[31mNo space\x1b[0m\nmore")
    assert updated(None, failed).error == "No space"
    assert updated(None, JobDetail(id="a", error_message="x" * 9999)).error == "x" * 500


def test_a_job_that_the_server_has_forgotten_has_vanished() -> None:
    assert vanished(record("running"), NOW).kind is Kind.VANISHED
