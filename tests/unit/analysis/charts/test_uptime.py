"""The uptime of a server: shares of the monitored time, and the strip."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.charts.uptime import Segment, Uptime, uptime, uptime_revision, uptimes
from vpo_monitor.api import errors
from vpo_monitor.api.models import Health
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Reachability, ReachabilitySpan
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GAP = timedelta(seconds=150)
REACHED, LOCKED, UNREACHABLE = (
    Reachability.REACHED,
    Reachability.DATABASE_LOCKED,
    Reachability.UNREACHABLE,
)


def span(begin: timedelta, end: timedelta, state: Reachability) -> ReachabilitySpan:
    return ReachabilitySpan(NOON + begin, NOON + end, state)


def day(*spans: ReachabilitySpan) -> Uptime:
    """The 24 hours until noon."""
    return uptime(spans, NOON - DAY, NOON, GAP)


def parts(found: Uptime) -> list[tuple[float, float, Reachability]]:
    """The segments, in minutes before noon."""
    return [
        ((one.begin - NOON) / MINUTE, (one.end - NOON) / MINUTE, one.state)
        for one in found.segments
    ]


def test_shares_are_of_the_monitored_time() -> None:
    found = day(
        span(-3 * HOUR, -2 * HOUR, REACHED),
        span(-2 * HOUR, -2 * HOUR + 15 * MINUTE, LOCKED),
        span(-1 * HOUR, -1 * HOUR + 45 * MINUTE, UNREACHABLE),
    )
    assert found.lasted == {REACHED: HOUR, LOCKED: 15 * MINUTE, UNREACHABLE: 45 * MINUTE}
    assert found.monitored == 2 * HOUR


def test_what_was_not_monitored_is_between_the_segments() -> None:
    found = day(
        span(-60 * MINUTE, -50 * MINUTE, REACHED),
        span(-50 * MINUTE, -40 * MINUTE, LOCKED),
        span(-20 * MINUTE, -11 * MINUTE, REACHED),
    )
    assert parts(found) == [
        (-60, -50, REACHED),
        (-50, -35, LOCKED),  # the slot in which it ends
        (-20, -10, REACHED),
    ]


def test_a_short_outage_is_visible_and_a_short_lock_is_not() -> None:
    found = day(
        span(-60 * MINUTE, -42 * MINUTE, REACHED),
        span(-42 * MINUTE, -41 * MINUTE, LOCKED),
        span(-41 * MINUTE, -32 * MINUTE, REACHED),
        span(-32 * MINUTE, -32 * MINUTE, UNREACHABLE),
        span(-32 * MINUTE, -21 * MINUTE, REACHED),
    )
    assert parts(found) == [(-60, -35, REACHED), (-35, -30, UNREACHABLE), (-30, -20, REACHED)]


def test_a_span_that_began_earlier_counts_from_the_period_on() -> None:
    found = day(span(-3 * DAY, -12 * HOUR, REACHED))
    assert found.monitored == 12 * HOUR
    assert found.segments == [Segment(NOON - DAY, NOON - 12 * HOUR + 5 * MINUTE, REACHED)]


@pytest.mark.parametrize(("age", "monitored"), [(GAP, HOUR + GAP), (2 * GAP, HOUR)])
def test_the_last_state_goes_on_unless_nobody_looks(age: timedelta, monitored: timedelta) -> None:
    assert day(span(-HOUR - age, -age, LOCKED)).lasted == {LOCKED: monitored}


def test_nothing_monitored_is_no_uptime() -> None:
    found = day()
    assert (found.monitored, list(found.segments)) == (timedelta(), [])


def test_time_is_counted_once_if_the_clock_was_set_back() -> None:
    found = day(span(-2 * HOUR, -1 * HOUR, REACHED), span(-90 * MINUTE, -30 * MINUTE, LOCKED))
    assert found.lasted == {REACHED: HOUR, LOCKED: 30 * MINUTE}


def test_a_strip_has_few_segments_however_often_a_server_fails() -> None:
    spans = [
        span(-n * MINUTE, -(n - 1) * MINUTE, (REACHED, LOCKED)[n % 2])
        for n in range(30 * 24 * 60, 0, -1)
    ]
    month = uptime(spans[-20_000:], NOON - 30 * DAY, NOON, GAP)
    assert len(month.segments) <= 361
    assert month.monitored == 20_000 * MINUTE


def test_the_strips_follow_a_change_of_state_at_once_and_the_time_by_minutes() -> None:
    now = NOON
    tracker = JobTracker(Store(None), "http://x", most_jobs=100, utcnow=lambda: now)
    tracker.ingest(queries.health(), Health(status="healthy"), 0.0, 0.0)
    first = uptimes(tracker)
    now += timedelta(seconds=10)
    tracker.ingest(queries.health(), Health(status="healthy"), 0.0, 0.0)
    assert uptimes(tracker) is first
    before = uptime_revision(tracker)
    tracker.ingest(queries.health(), errors.Unreachable("down"), 0.0, 0.0)
    assert uptime_revision(tracker) != before
    assert set(uptimes(tracker)["24 hours"].lasted) == {REACHED, UNREACHABLE}
    now += timedelta(seconds=60)
    assert uptimes(tracker)["30 days"].lasted[UNREACHABLE] == timedelta(seconds=60)
