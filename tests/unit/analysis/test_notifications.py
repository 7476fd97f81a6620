"""What a viewer is told without asking, once and not too early."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.notifications import (
    NotificationMemory,
    due_notifications,
    ended_jobs,
    queue_finished,
)
from vpo_monitor.api.models import Health, JobDetail
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Change, JobRecord, Kind
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BUSY = Health(status="healthy", jobs_running=1, jobs_queued=0, recent_errors=3)
EMPTY = Health(status="healthy", jobs_running=0, jobs_queued=0)


CHANGES = [
    Change(NOW + timedelta(seconds=seconds), Kind.FAILED, "a", "move", "/srv/a")
    for seconds in (-50, 10)
]


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_end_of_a_followed_job_is_told_once() -> None:
    memory = NotificationMemory()
    memory.follow("a", is_followed=True)
    running = JobRecord("a", status="running", file_path="/srv/a.mkv")
    assert ended_jobs(memory, {"a": None}) == []  # it has not been seen yet
    assert ended_jobs(memory, {"a": running}) == []
    failed = JobRecord("a", status="failed", file_path="/srv/\x1b[31ma\n.mkv", error="No space")
    (told,) = ended_jobs(memory, {"a": failed})
    assert (told.title, told.text, told.job_id) == ("Failed: a .mkv", "No space", "a")
    assert told.is_failure
    assert memory.followed == {}


def test_that_a_followed_job_is_no_longer_known_is_told_too() -> None:
    memory = NotificationMemory()
    memory.follow("a", is_followed=True)
    ended_jobs(memory, {"a": JobRecord("a", status="running", file_path="/srv/a.mkv")})
    (told,) = ended_jobs(memory, {"a": None})
    assert (told.title, told.job_id) == ("Removed from VPO: a.mkv", None)
    assert memory.followed == {}


def test_a_job_that_nobody_follows_is_not_told() -> None:
    memory = NotificationMemory()
    memory.follow("a", is_followed=True)
    memory.follow("a", is_followed=False)
    assert memory.followed == {}


def test_at_most_five_jobs_are_followed() -> None:
    memory = NotificationMemory()
    for number in range(7):
        memory.follow(str(number), is_followed=True)
    assert list(memory.followed) == ["2", "3", "4", "5", "6"]


def test_the_end_of_the_queue_is_told_once_it_lasts() -> None:
    memory = NotificationMemory()
    done = EMPTY.model_copy(update={"recent_errors": 5})
    assert queue_finished(memory, EMPTY, CHANGES, at(-9)) == []  # there was nothing to be done
    assert queue_finished(memory, BUSY, CHANGES, at(0)) == []
    assert queue_finished(memory, EMPTY, CHANGES, at(20)) == []
    assert queue_finished(memory, BUSY, CHANGES, at(25)) == []  # only between two jobs
    assert queue_finished(memory, done, CHANGES, at(30)) == []
    (told,) = queue_finished(memory, done, CHANGES, at(40))
    assert told.title == "Queue finished"
    assert told.text == "No jobs are running or queued. 2 jobs failed."
    assert queue_finished(memory, done, CHANGES, at(60)) == []


def test_failures_are_counted_though_older_ones_leave_the_count() -> None:
    memory = NotificationMemory()
    queue_finished(memory, BUSY, CHANGES, at(0))
    queue_finished(memory, EMPTY, CHANGES, at(20))
    (told,) = queue_finished(memory, EMPTY, CHANGES, at(30))
    assert told.text == "No jobs are running or queued. 1 job failed."
    assert told.is_failure


def test_one_old_health_is_no_end_of_the_queue() -> None:
    memory = NotificationMemory()
    queue_finished(memory, BUSY, [], at(0))
    for _ in range(9):
        assert queue_finished(memory, EMPTY, [], at(20)) == []


@pytest.mark.parametrize("health", [None, Health(status="healthy", jobs_running=0)])
def test_what_is_not_known_ends_no_queue(health: Health | None) -> None:
    memory = NotificationMemory()
    queue_finished(memory, BUSY, CHANGES, at(0))
    queue_finished(memory, health, CHANGES, at(10))
    assert queue_finished(memory, health, CHANGES, at(90)) == []


def test_what_was_told_is_told_again_for_a_while_as_a_browser_may_miss_it() -> None:
    now = [NOW]
    tracker = JobTracker(Store(None), "http://x", most_jobs=100, utcnow=lambda: now[0])
    memory = NotificationMemory()
    memory.follow("a", is_followed=True)
    tracker.ingest(queries.job("a"), JobDetail(id="a", status="completed"), 0.0, 0.0)
    first = due_notifications(memory, tracker, BUSY, now[0])
    now[0] = at(15)
    assert due_notifications(memory, tracker, BUSY, now[0]) == first
    now[0] = at(25)
    assert due_notifications(memory, tracker, BUSY, now[0]) == []
