"""Durations that lie far apart are of different kinds of work, and estimated as such."""

import pytest

from vpo_monitor.insight.estimates.distribution import Distribution, fit

SKIPPED, TRANSCODED = (4.0, 5.0, 6.0), (550.0, 600.0, 650.0)


def fitted(*seconds: float) -> Distribution:
    distribution = fit(seconds)
    assert distribution is not None
    return distribution


def test_a_job_that_runs_longer_than_a_skipped_file_is_a_transcode() -> None:
    both, alone = fitted(*SKIPPED, *TRANSCODED), fitted(*TRANSCODED)
    assert both.remaining(0.5, 60.0) == pytest.approx(alone.remaining(0.5, 60.0), rel=0.05)
    assert both.remaining(0.1, 60.0) > 300.0
    assert both.remaining(0.9, 60.0) < 1200.0


def test_each_kind_is_as_likely_as_it_was_often() -> None:
    assert fitted(*SKIPPED, *TRANSCODED).beyond(60.0) == pytest.approx(3 / 6, abs=0.02)
    assert fitted(*SKIPPED, TRANSCODED[1]).beyond(60.0) < 0.45  # too few: one wide kind
    assert fitted(*SKIPPED, *TRANSCODED[:2]).beyond(60.0) == pytest.approx(2 / 5, abs=0.02)
    assert fitted(*SKIPPED[:1], *TRANSCODED, 620.0).beyond(60.0) == pytest.approx(4 / 5, abs=0.02)


def test_too_few_durations_are_of_one_kind() -> None:
    few, enough = fitted(5.0, 5.0, 600.0, 600.0), fitted(5.0, 5.0, 5.0, 600.0, 600.0)
    assert few.remaining(0.9, 0.0) / few.remaining(0.1, 0.0) > 1000.0
    assert enough.remaining(0.9, 0.0) < 1000.0


def test_durations_within_a_factor_of_three_and_a_half_are_of_one_kind() -> None:
    one, two = fitted(10.0, 10.0, 10.0, 34.0, 34.0), fitted(10.0, 10.0, 10.0, 36.0, 36.0)
    assert one.beyond(19.0) < 0.5 < one.beyond(13.0)
    assert two.beyond(19.0) == pytest.approx(two.beyond(18.0), abs=0.03)


def test_what_remains_is_of_the_jobs_that_take_longer() -> None:
    distribution = fitted(*TRANSCODED)
    assert distribution.remaining(0.5, 0.0) == pytest.approx(600.0, rel=0.02)
    assert distribution.remaining(0.5, 30.0) == pytest.approx(570.0, rel=0.03)
    assert 0.0 < distribution.remaining(0.1, 6000.0) < distribution.remaining(0.9, 6000.0)
