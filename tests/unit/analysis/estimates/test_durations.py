"""Durations that lie far apart are of different kinds of work, and estimated as such."""

import pytest

from vpo_monitor.analysis.estimates.durations import Estimate, from_times, likely_times

SKIPPED, TRANSCODED = (4.0, 5.0, 6.0), (550.0, 600.0, 650.0)


def share_beyond(elapsed: float, *seconds: float) -> float:
    times = likely_times(seconds)
    return sum(time > elapsed for time in times) / len(times)


def remaining(elapsed: float, *seconds: float) -> Estimate:
    estimate = from_times(seconds, elapsed, "")
    assert estimate is not None
    return estimate


def test_a_job_that_runs_longer_than_a_skipped_file_is_a_transcode() -> None:
    both, alone = remaining(60.0, *SKIPPED, *TRANSCODED), remaining(60.0, *TRANSCODED)
    assert both.middle == pytest.approx(alone.middle, rel=0.05)
    assert both.low > 250.0
    assert both.high < 1200.0


def test_each_kind_is_as_likely_as_it_was_often() -> None:
    assert share_beyond(60.0, *SKIPPED, *TRANSCODED) == pytest.approx(3 / 6, abs=0.02)
    assert share_beyond(60.0, *SKIPPED, TRANSCODED[1]) < 0.45  # too few: one wide kind
    assert share_beyond(60.0, *SKIPPED, *TRANSCODED[:2]) == pytest.approx(2 / 5, abs=0.02)
    assert share_beyond(60.0, *SKIPPED[:1], *TRANSCODED, 620.0) == pytest.approx(4 / 5, abs=0.02)


def test_too_few_durations_are_of_one_kind() -> None:
    few = remaining(0.0, 5.0, 5.0, 600.0, 600.0)
    enough = remaining(0.0, 5.0, 5.0, 5.0, 600.0, 600.0)
    assert few.high / few.low > 500.0
    assert enough.high / enough.low < 300.0


def test_durations_within_a_factor_of_three_and_a_half_are_of_one_kind() -> None:
    one, two = (10.0, 10.0, 10.0, 34.0, 34.0), (10.0, 10.0, 10.0, 36.0, 36.0)
    assert share_beyond(19.0, *one) < 0.5 < share_beyond(13.0, *one)
    assert share_beyond(19.0, *two) == pytest.approx(share_beyond(18.0, *two), abs=0.03)


def test_what_remains_is_of_the_jobs_that_take_longer() -> None:
    assert remaining(0.0, *TRANSCODED).middle == pytest.approx(600.0, rel=0.02)
    assert remaining(30.0, *TRANSCODED).middle == pytest.approx(570.0, rel=0.03)
    late = remaining(1000.0, *TRANSCODED)
    assert 0.0 < late.low < late.high


def test_more_of_the_same_narrow_the_likely_times() -> None:
    few, many = likely_times((90.0, 100.0, 110.0)), likely_times((90.0, 100.0, 110.0) * 20)
    assert few[-1] / few[0] > 2 * many[-1] / many[0]
    assert few[len(few) // 2] == pytest.approx(100.0, rel=0.02)
