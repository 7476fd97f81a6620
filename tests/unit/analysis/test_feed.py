"""What happened on a server, as a feed tells it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.watched_server import START, World
from vpo_monitor.analysis.feed import FeedEntry, feed_entries, note_stalled
from vpo_monitor.api.errors import ServerBusy, Unreachable
from vpo_monitor.history.records import Kind


@pytest.fixture
def world() -> World:
    return World()


def told(world: World) -> list[FeedEntry]:
    note_stalled(world.tracker, 300.0)
    return feed_entries(world.tracker)


def titles(world: World) -> list[str]:
    """The titles, oldest first."""
    return [entry.title for entry in reversed(told(world))]


def fail(world: World, job_id: str, **fields: Any) -> None:
    world.put(job_id, "running")
    world.poll(2)
    world.put(job_id, "failed", completed_at=world.utcnow().isoformat(), **fields)
    world.poll(4)


def test_nothing_is_told_of_a_server_where_nothing_happened(world: World) -> None:
    world.poll(10)
    assert told(world) == []


def test_a_failure_is_told_once_with_its_reason(world: World) -> None:
    fail(world, "a", error_message="No space left\nmore")
    world.put("b", "running")
    world.poll()
    (entry,) = [one for one in told(world) if one.kind == Kind.FAILED]
    assert (entry.title, entry.text, entry.job_id) == ("Failed: a.mkv", "No space left", "a")
    assert entry.at == START + timedelta(minutes=2)
    assert [one.id for one in told(world) if one.kind == Kind.FAILED] == [entry.id]


def test_a_job_that_fails_again_is_told_again(world: World) -> None:
    fail(world, "a")
    first = told(world)
    world.put("a", "queued", completed_at=None)
    world.poll(2)
    fail(world, "a")
    world.put("busy", "running")
    world.poll()
    entries = [entry for entry in told(world) if entry.kind == Kind.FAILED]
    assert len(entries) == 2
    assert entries[1].id in {entry.id for entry in first}


def test_what_failed_while_nothing_was_watched_is_told_too(world: World) -> None:
    world.put("a", "failed", completed_at=(START - timedelta(hours=1)).isoformat())
    world.put("old", "failed", completed_at=(START - timedelta(days=31)).isoformat())
    world.put("odd", "failed", completed_at="9999-12-31T23:59:59+00:00")
    world.poll(10)
    assert titles(world) == ["Failed: a.mkv"]


def test_a_batch_is_told_when_the_queue_stays_empty(world: World) -> None:
    world.poll(2)
    world.put("a", "running")
    world.put("b", "queued")
    world.poll(2)
    world.finish("a")
    world.put("b", "running")
    world.poll(2)
    world.finish("b", "failed")
    assert "Queue finished" not in titles(world)
    world.poll(8)
    batch = next(entry for entry in told(world) if entry.kind == "batch")
    assert (batch.title, batch.text) == ("Queue finished", "1 job finished, 1 job failed.")
    world.poll(100)
    assert [one.id for one in told(world) if one.kind == "batch"] == [batch.id]


def test_reading_often_finds_the_same_batches_as_reading_once(world: World) -> None:
    """Counts that were read are not read again, which must not show."""
    for number in range(30):
        world.put(str(number), "running")
        world.poll(1 + number % 3)
        if number % 4 == 0:
            told(world)
        world.finish(str(number))
        world.poll(number % 3)
        if number % 5 == 0:
            told(world)
    often, turns = told(world), world.tracker.queue_turns()
    world.tracker = world.new_tracker()
    assert [entry.kind for entry in often].count("batch") == 20
    assert (feed_entries(world.tracker), world.tracker.queue_turns()) == (often, turns)


def test_a_long_past_costs_no_more_queries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(120):
        world.put("a", "running")
        world.poll()
        world.finish("a")
        world.poll()
    queries: list[str] = []
    read = world.tracker.store.read

    def counted(query: str, *parameters: Any) -> list[Any]:
        queries.append(query)
        return read(query, *parameters)

    monkeypatch.setattr(world.tracker.store, "read", counted)
    assert len(feed_entries(world.tracker)) == 100
    assert len(queries) < 110


def test_a_moment_between_two_jobs_is_no_end() -> None:
    world = World(6.0)
    world.put("a", "running")
    world.poll(2)
    world.finish("a")
    world.poll()
    assert world.tracker.counts()[-1].running == 0
    world.put("b", "running")
    world.poll(20)
    assert "batch" not in {entry.kind for entry in told(world)}


def test_a_stalled_job_is_told_once_and_stays(world: World) -> None:
    world.put("a", "running", progress_percent=10.0)
    world.poll()
    world.put("a", "running", progress_percent=20.0)
    world.poll(5)
    assert titles(world) == []
    world.poll(5)
    assert titles(world) == ["Possibly stalled: a.mkv"]
    (entry,) = told(world)
    assert entry.at == START + timedelta(minutes=6)
    world.poll(30)
    assert [one.id for one in told(world)] == [entry.id]
    world.finish("a")
    world.put("b", "running")
    world.poll(6)
    assert [one.id for one in told(world)] == [entry.id]
    assert (Kind.STALLED, "a") in world.kinds()


@pytest.mark.parametrize("interval", [60.0, 3600.0])
def test_a_job_without_a_worker_is_told_however_rarely_the_app_polls(interval: float) -> None:
    world = World(interval)
    world.workers = 0
    world.put("a", "running", started_at=START.isoformat())
    world.poll(8)
    assert titles(world) == ["Possibly stalled: a.mkv"]


def test_an_unreachable_server_stalls_no_job(world: World) -> None:
    world.put("a", "running", progress_percent=10.0)
    world.poll(2)
    world.failure = Unreachable("gone")
    world.poll(30)
    assert titles(world) == ["VPO unreachable"]


def test_an_outage_is_told_and_its_end(world: World) -> None:
    world.poll(3)
    world.failure = Unreachable("gone")
    world.poll(10)
    assert titles(world) == ["VPO unreachable"]
    world.failure = None
    world.poll(5)
    assert titles(world) == ["VPO unreachable", "VPO reachable again"]
    before = [entry.id for entry in told(world)]
    world.poll(100)
    assert [entry.id for entry in told(world)] == before
    outage, back = reversed(told(world))
    assert outage.at == START + timedelta(minutes=3)
    assert back.at >= START + timedelta(minutes=13)


def test_a_locked_database_is_no_outage(world: World) -> None:
    world.poll(3)
    world.failure = ServerBusy("busy")
    world.vpo.health_answers = True
    world.poll(10)
    assert titles(world) == []


def test_there_are_at_most_100_entries_the_newest_first(world: World) -> None:
    for number in range(105):
        fail(world, str(number))
    entries = told(world)
    assert len(entries) == 100
    assert entries == sorted(entries, key=lambda entry: entry.at, reverse=True)
    assert "Failed: 104.mkv" in {entry.title for entry in entries}


def test_text_of_vpo_is_plain_and_short(world: World) -> None:
    hostile = "\x1b[31m\u202e\x00<script>&\ufffe\ud7ff" + "x" * 5000
    fail(world, "a", file_path=f"/srv/{hostile}", error_message=hostile)
    entry = next(entry for entry in told(world) if entry.job_id)
    assert entry.title.startswith("Failed: <script>&")
    assert len(entry.title) < 300
    assert len(entry.text) <= 500
    assert not set("\x1b\u202e\x00\ufffe") & set(entry.title + entry.text)
