"""When queued jobs start: what is known of it for certain, how stable it is, and how often true."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bench import queued_jobs as bench
from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.estimates.estimate_text import expected_clock_text, expected_text, in_text
from vpo_monitor.analysis.estimates.queue_starts import (
    ExpectedTimes,
    RunTimes,
    expected_times,
    likely_run_times,
    remaining_times,
    scaled,
    steady,
    workers_seen,
)
from vpo_monitor.history.records import Counts

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = 60.0


def exactly(seconds: float) -> RunTimes:
    """A run time without doubt."""
    return RunTimes((seconds,) * 200)


def starts(expected: list[ExpectedTimes]) -> list[float]:
    return [one.start.middle for one in expected]


def test_each_job_starts_when_a_worker_has_finished_with_those_ahead() -> None:
    running = [("r1", exactly(5)), ("r2", exactly(20))]
    queued = [(name, exactly(10)) for name in "abcd"]
    expected = expected_times(running, queued, workers=2)
    assert starts(expected) == [5, 15, 20, 25]
    assert [one.end.middle for one in expected if one.end] == [15, 25, 30, 35]
    assert expected[3].planned == (25, 35)


def test_an_idle_worker_takes_the_first_job_at_once() -> None:
    assert starts(expected_times([("r", exactly(9))], [("a", exactly(1))], workers=2)) == [0]
    assert starts(expected_times([], [("a", exactly(1)), ("b", exactly(1))], workers=1)) == [0, 1]


def test_jobs_that_run_without_a_worker_of_their_own_count_as_workers() -> None:
    running = [(name, exactly(10)) for name in "xyz"]
    assert starts(expected_times(running, [("a", exactly(1))], workers=1)) == [10]


def test_behind_a_job_whose_run_time_is_unknown_nothing_is_claimed() -> None:
    first, *rest = expected_times([], [("a", None), ("b", exactly(1))], workers=2)
    assert (first.start.high, first.end, rest) == (0, None, [])
    assert expected_text(first) == "starts in a few seconds · ends unknown"


def test_the_further_back_the_wider_the_range() -> None:
    times = likely_run_times((60.0, 90.0, 120.0, 150.0))
    assert times is not None
    expected = expected_times([], [(f"job {n}", times) for n in range(10)], workers=1)
    widths = [one.start.high - one.start.low for one in expected]
    assert widths == sorted(widths)
    assert expected[-1].start.low < 9 * 105 < expected[-1].start.high


def test_the_same_queue_has_the_same_times_and_the_next_moment_nearly_the_same() -> None:
    times = likely_run_times((600.0, 900.0, 1200.0, 800.0))
    assert times is not None
    queued = [(f"job {n}", times) for n in range(20)]

    def at(elapsed: float) -> list[str]:
        remaining = Estimate(400 - elapsed, 700 - elapsed, 1300 - elapsed, "")
        running = [("r", remaining_times(remaining, elapsed))]
        return [expected_text(one) for one in expected_times(running, queued, workers=2)]

    assert at(0) == at(0)
    ticks = [at(5.0 * tick) for tick in range(13)]
    changes = sum(
        before != after
        for one, next_one in pairwise(ticks)
        for before, after in zip(one, next_one, strict=True)
    )
    assert changes <= 20 * 2  # each at most twice a minute, by the rounding


def around(seconds: float) -> ExpectedTimes:
    start, end = (Estimate(s / 2, s, s * 2, "") for s in (seconds, seconds + 600))
    return ExpectedTimes(start, end, planned=(seconds, seconds + 600))


def test_a_range_counts_down_until_it_has_clearly_changed() -> None:
    shown = around(600)
    for nearly in (540, 620, 680):
        kept = steady(around(nearly), shown, passed=5)
        assert kept.end is not None
        assert (kept.start.low, kept.start.high, kept.end.high) == (295, 1195, 2395)
        assert kept.planned == around(nearly).planned
    assert steady(around(900), shown, passed=5) == around(900)
    assert steady(around(300), shown, passed=5) == around(300)
    unknown = ExpectedTimes(around(600).start, None, (600, 600))
    assert steady(unknown, shown, 0) == unknown
    assert steady(shown, unknown, 0) == shown


def test_a_job_whose_start_is_overdue_is_not_said_to_start_at_once_for_ever() -> None:
    shown = around(60)
    for _ in range(100):
        shown = steady(around(60), shown, passed=5)
        assert shown.start.high > 50


def test_a_job_that_overtakes_delays_the_others_and_changes_nothing_else() -> None:
    times = exactly(60)
    before = expected_times([], [("a", times), ("b", times)], workers=1)
    after = expected_times([], [("new", times), ("a", times), ("b", times)], workers=1)
    assert [b.start.middle - a.start.middle for a, b in zip(before, after[1:], strict=True)] == [
        60,
        60,
    ]


def test_likely_run_times_need_three_jobs_and_scale_with_the_size() -> None:
    assert likely_run_times((1.0, 2.0, 0.0)) is None
    paces = likely_run_times((1e-8, 2e-8, 1.5e-8))
    assert paces is not None
    assert 10 < scaled(paces, 1e9).seconds[100] < 20


def test_a_job_without_an_estimate_may_end_soon_or_run_on_for_long() -> None:
    (expected,) = expected_times([("r", remaining_times(None, 600))], [("a", exactly(1))], 1)
    assert expected.start.low < 60
    assert expected.start.middle == pytest.approx(600, rel=0.02)
    assert expected.start.high > 6000


@pytest.mark.parametrize("far", [0.0, 1e12, 1e300, float("inf")])
def test_an_absurd_estimate_of_a_running_job_is_survived(far: float) -> None:
    running = [("r", remaining_times(Estimate(0.0, far / 2, far, ""), 1.0))]
    (expected,) = expected_times(running, [("a", exactly(1))], 1)
    assert expected.start.low <= expected.start.high < 1e20


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ((600, 1500), "in 10 to 25 min"),
        ((1700, 5000), "in 25 min to 1 h 30 min"),
        ((20, 600), "within 10 min"),
        ((32, 40), "in 30 to 60 s"),
        ((601, 899), "in 10 to 15 min"),
        ((600, 600), "in about 10 min"),
        ((1e5, 1e10), "in 1 d to over 10 years"),
        ((0, 3), "in a few seconds"),
    ],
)
def test_ranges_read_like_a_sentence(seconds: tuple[float, float], text: str) -> None:
    low, high = seconds
    assert in_text(Estimate(low, low, high, "")) == text


def test_while_data_is_old_times_of_day_stay_true() -> None:
    start, end = Estimate(600, 900, 1500, ""), Estimate(1200, 1500, 2700, "")
    expected = ExpectedTimes(start, end, planned=(900, 1500))
    text = "starts 12:10 to 12:25 · ends 12:20 to 12:45"
    assert expected_clock_text(expected, NOON, UTC) == text


def counts(minutes_ago: float, running: int, queued: int) -> Counts:
    return Counts(NOON - timedelta(minutes=minutes_ago), running, queued, 0, running)


@pytest.mark.parametrize(
    ("seen", "workers"),
    [
        ([], 1),
        ([counts(60, 3, 5), counts(30, 2, 5), counts(1, 1, 4)], 2),  # one has stopped
        ([counts(60, 3, 5), counts(59.9, 2, 5)], 2),
        ([counts(60, 3, 5), counts(50, 1, 0)], 3),  # there was no more work for three
        ([counts(60, 9, 0), counts(3, 1, 5)], 1),  # not started from the queue
        ([counts(3, 10**12, 5)], 64),
    ],
)
def test_workers_are_the_most_jobs_at_once_while_others_waited(
    seen: list[Counts], workers: int
) -> None:
    assert workers_seen(seen, 1, NOON) == workers


def test_jobs_that_run_now_are_workers_whatever_was_seen() -> None:
    assert workers_seen([counts(3, 1, 5)], 4, NOON) == 4


@pytest.mark.long
def test_the_true_start_is_in_the_range_as_often_as_promised() -> None:
    # `bench.estimates` prints the table.
    for queue, by_places in bench.start_scores(seed=5, number=60).items():
        near, far = by_places["next 5"], by_places["next 20"]
        assert near.held >= 0.8, queue
        assert far.held >= 0.7, queue
        for score in (near, far):
            assert score.error < score.baseline, queue
            assert score.error < score.by_workers, queue
            assert score.told == 1, queue
