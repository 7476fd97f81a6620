"""What an answer says has happened to a job."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.api.models import Job, JobDetail
from vpo_monitor.history.changes import change_of, updated, vanished
from vpo_monitor.history.records import Change, JobRecord, Kind

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
    assert change == (kind and Change(NOW, kind, "a", "move", "/srv/a.mkv"))


def test_an_end_or_start_is_told_at_the_servers_time() -> None:
    ended = change_of(record("running"), record("completed", ended=90), NOW, BEFORE)
    assert ended is not None
    assert ended.at == NOW - timedelta(seconds=90)
    taken = record("running", created=1)._replace(started_at=BEFORE)
    for before in (None, record("queued")):
        begun = change_of(before, taken, NOW, BEFORE)
        assert begun is not None
        assert begun.at == BEFORE


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        (record("failed", ended=90), record("failed", ended=10), True),
        (record("failed", ended=90), record("failed", ended=90), False),
        (record("failed"), record("failed", ended=10), False),  # the time was not known before
        (record("running", ended=90), record("running"), False),
    ],
)
def test_a_job_that_ended_once_more_between_two_looks_is_told_again(
    before: JobRecord, after: JobRecord, *, is_told: bool
) -> None:
    again = Change(NOW - timedelta(seconds=10), Kind.FAILED, "a", "move", "/srv/a.mkv")
    assert change_of(before, after, NOW, BEFORE) == (again if is_told else None)


@pytest.mark.parametrize(
    ("job", "kind", "ago"),
    [
        (record("queued", created=1), Kind.QUEUED, 1),
        (record("queued", created=7), Kind.QUEUED, 7),  # 2 s before the look, which can be late
        (record("queued", created=7.1), None, 0),  # another filter has just not shown it
        (record("running", created=1), Kind.STARTED, 0),
        (record("completed", created=90, ended=1), Kind.FINISHED, 1),
        (record("failed", created=90, ended=1), Kind.FAILED, 1),
        (record("completed", created=90, ended=60), None, 0),
        (record("paused", created=1), None, 0),
        (JobRecord("b", status="queued"), None, 0),
    ],
)
def test_a_job_seen_first_is_news_only_if_it_came_since_the_last_look(
    job: JobRecord, kind: Kind | None, ago: float
) -> None:
    change = change_of(None, job, NOW, BEFORE)
    assert change == (
        kind and Change(NOW - timedelta(seconds=ago), kind, "a", "move", "/srv/a.mkv")
    )
    assert change_of(None, job, NOW, None) is None


def test_what_a_detail_told_outlives_the_next_list_and_not_the_jobs_next_life() -> None:
    detail = JobDetail(
        id="a", status="running", policy_name="p", priority=1, started_at=BEFORE, created_at=BEFORE
    )
    known = updated(None, detail)
    assert known == JobRecord(
        "a",
        status="running",
        created_at=BEFORE,
        started_at=BEFORE,
        policy_name="p",
        priority=1,
        has_detail=True,
    )
    listed = updated(known, Job(id="a", status="running", progress_percent=40.0))
    assert (listed.policy_name, listed.started_at, listed.has_detail) == ("p", BEFORE, True)
    ended = updated(listed, Job(id="a", status="completed", completed_at=NOW))
    assert (ended.policy_name, ended.started_at, ended.has_detail) == ("p", BEFORE, False)
    for past in (listed, ended, ended._replace(error="No space")):
        again = updated(past, Job(id="a", status="queued"))
        assert (again.policy_name, again.started_at, again.has_detail) == ("p", None, False)
        assert again.error is None


def test_all_that_a_list_says_is_known() -> None:
    job = Job(
        id="a",
        job_type="move",
        status="completed",
        file_path="/srv/a.mkv",
        progress_percent=40.0,
        created_at=BEFORE,
        completed_at=NOW,
    )
    assert updated(None, job) == JobRecord(
        "a",
        job_type="move",
        status="completed",
        file_path="/srv/a.mkv",
        progress_percent=40.0,
        created_at=BEFORE,
        completed_at=NOW,
    )


@pytest.mark.parametrize(
    ("before", "now", "is_again"),
    [
        (40.0, 40.0, False),
        (40.0, 30.0, True),
        (0.5, None, True),
        (None, 0.5, False),
        (None, None, False),
    ],
)
def test_a_percent_that_fell_is_that_of_another_run(
    before: float | None, now: float | None, *, is_again: bool
) -> None:
    known = updated(
        None, JobDetail(id="a", status="running", progress_percent=before, started_at=BEFORE)
    )
    seen = updated(known, Job(id="a", status="running", progress_percent=now))
    assert (seen.started_at, seen.has_detail) == (None if is_again else BEFORE, not is_again)


@pytest.mark.parametrize(
    ("before", "now", "is_again"),
    [(BEFORE, NOW, True), (BEFORE, BEFORE, False), (None, NOW, False)],
)
def test_another_time_of_its_end_is_that_of_another_run(
    before: datetime | None, now: datetime, *, is_again: bool
) -> None:
    known = updated(None, JobDetail(id="a", status="failed", completed_at=before))
    seen = updated(known, Job(id="a", status="failed", completed_at=now))
    assert seen.has_detail is not is_again


def test_of_an_error_the_first_line_is_kept_as_plain_text() -> None:
    failed = JobDetail(id="a", status="failed", error_message="\n\x1b[31mNo space\x1b[0m\nmore")
    assert updated(None, failed).error == "No space"
    assert updated(None, JobDetail(id="a", error_message="x" * 9999)).error == "x" * 500
    assert updated(None, JobDetail(id="a")).error is None


def test_a_job_that_the_server_has_forgotten_has_vanished() -> None:
    assert vanished(record("running"), NOW) == Change(NOW, Kind.VANISHED, "a", "move", "/srv/a.mkv")
