"""The queue over time: what is drawn of the counts that were stored, and what isn't."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from vpo_monitor.analysis.charts.queue_over_time import (
    QueueOverTime,
    QueueSlot,
    queue_over_time,
)
from vpo_monitor.analysis.charts.statistics_frames import queue_table
from vpo_monitor.analysis.charts.time_axis import slot_length
from vpo_monitor.api.models import Health
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Seen = tuple[int | None, int | None]


class World:
    """A tracker that gets the health's counts at times that the test chooses."""

    def __init__(self, watch_interval: float | None = None) -> None:
        self.now = NOON
        self.tracker = JobTracker(
            Store(None),
            "http://x",
            most_jobs=10_000,
            days=99,
            watch_interval=watch_interval,
            utcnow=lambda: self.now,
        )

    def see(self, at: timedelta, running: int | None, queued: int | None) -> None:
        """Get counts so long after noon."""
        self.now = NOON + at
        health = Health(status="healthy", jobs_running=running, jobs_queued=queued)
        self.tracker.ingest(queries.health(), health, 0.0, 0.0)

    def watch(self, begin: timedelta, end: timedelta, running: int, queued: int) -> None:
        while begin <= end:
            self.see(begin, running, queued)
            begin += MINUTE

    def queue(self, period: timedelta | None, now: timedelta) -> QueueOverTime:
        return queue_over_time(self.tracker, period, NOON + now)

    def slots(self, period: timedelta, now: timedelta) -> dict[float, Seen]:
        """The counts of each monitored slot by its begin in minutes after noon."""
        found = self.queue(period, now).slots
        return {(one.begin - NOON) / MINUTE: (one.running, one.queued) for one in found}


@pytest.fixture
def world() -> World:
    return World()


def test_the_highest_counts_of_each_slot_are_drawn(world: World) -> None:
    for minute, queued in enumerate([1, 7, 3, 3, 3, 2]):
        world.see(minute * MINUTE, 1, queued)
    assert world.slots(DAY, 6 * MINUTE) == {0: (1, 7), 5: (1, 3)}


def test_counts_hold_until_the_next_ones(world: World) -> None:
    world.see(4 * MINUTE, 2, 9)
    world.see(10 * MINUTE, 1, 0)
    assert world.slots(DAY, 10 * MINUTE) == {0: (2, 9), 5: (2, 9), 10: (2, 9)}


def test_what_was_not_monitored_is_a_gap(world: World) -> None:
    world.watch(0 * MINUTE, 9 * MINUTE, 1, 5)
    world.watch(60 * MINUTE, 64 * MINUTE, 0, 0)
    assert world.slots(DAY, 120 * MINUTE) == {0: (1, 5), 5: (1, 5), 60: (0, 0)}


def test_counts_that_have_not_changed_are_drawn_until_now(world: World) -> None:
    world.see(0 * MINUTE, 1, 5)
    assert world.slots(DAY, 6 * MINUTE) == {0: (1, 5), 5: (1, 5)}
    assert world.slots(DAY, 7 * MINUTE) == {0: (1, 5)}  # nobody looks any more


def test_an_app_that_polls_rarely_by_itself_leaves_no_gaps() -> None:
    world = World(watch_interval=1800)
    for hour in range(3):
        world.see(hour * HOUR / 2, 1, hour)
    assert len(world.queue(2 * HOUR, HOUR).slots) == 13
    assert len(world.queue(2 * HOUR, 2 * HOUR).slots) == 13  # nobody looks any more


def test_unknown_counts_are_neither_zero_nor_a_peak(world: World) -> None:
    world.see(0 * MINUTE, None, None)
    world.see(5 * MINUTE, None, 3)
    found = world.queue(DAY, 5 * MINUTE)
    assert [(one.running, one.queued) for one in found.slots] == [(None, None), (None, 3)]
    assert found.peak is not None
    assert (found.peak.queued, found.peak.at) == (3, NOON + 5 * MINUTE)


def test_without_any_count_there_is_nothing(world: World) -> None:
    for period in (DAY, None):
        found = world.queue(period, HOUR)
        assert (list(found.slots), found.peak) == ([], None)
    world.see(0 * MINUTE, None, None)
    assert world.queue(DAY, HOUR).peak is None


def test_the_peak_is_of_the_period(world: World) -> None:
    world.see(0 * HOUR, 1, 50)
    world.see(30 * HOUR, 1, 8)
    world.see(31 * HOUR, 1, 2)
    day, everything = world.queue(DAY, 31 * HOUR).peak, world.queue(None, 31 * HOUR).peak
    assert day is not None
    assert everything is not None
    assert (day.queued, day.at) == (8, NOON + 30 * HOUR)
    assert (everything.queued, everything.at) == (50, NOON)


@pytest.mark.parametrize(
    ("period", "length", "slots"),
    [(DAY, 5 * MINUTE, 289), (7 * DAY, 30 * MINUTE, 337), (30 * DAY, 2 * HOUR, 361)],
)
def test_a_period_has_at_most_361_slots(period: timedelta, length: timedelta, slots: int) -> None:
    world = World(watch_interval=period.total_seconds() / 90)  # so that rare counts leave no gap
    for number in range(-92, 1):
        world.see(number * period / 90, 1, number % 7)
    found = world.queue(period, timedelta()).slots
    assert slot_length(period) == length
    assert len(found) == slots
    assert all(one.end == after.begin for one, after in pairwise(found))


def test_what_is_read_again_is_what_a_new_reader_finds(world: World) -> None:
    """Slots that are over are remembered, which must not show."""
    for minute in range(180):
        world.see(minute * MINUTE, minute % 3, minute * 7 % 11)
        if minute % 13 == 0:
            world.slots(HOUR, minute * MINUTE)
            world.slots(2 * HOUR, minute * MINUTE)  # slots of the same length from earlier on
        if minute % 29 == 0:
            remembered = world.slots(2 * HOUR, minute * MINUTE)
            world.tracker._slots = {}
            assert world.slots(2 * HOUR, minute * MINUTE) == remembered


def test_all_time_begins_with_the_first_counts(world: World) -> None:
    world.see(timedelta(), 1, 1)
    world.see(60 * DAY, 1, 1)
    found = world.queue(None, 60 * DAY)
    assert (found.since, found.slot) == (NOON, 4 * HOUR)


def test_the_table_has_what_is_drawn_newest_first() -> None:
    slots = [
        QueueSlot(NOON, NOON + HOUR, 1, None),
        QueueSlot(NOON + HOUR, NOON + 2 * HOUR, 2, 5),
    ]
    table = queue_table(slots)
    assert table["From"].tolist() == [NOON + HOUR, NOON]
    assert table["Queued"].fillna(-1).tolist() == [5, -1]
