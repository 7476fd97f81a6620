from datetime import UTC, datetime, timedelta

import pytest

from tests.tracked import tracker_of
from vpo_monitor.analysis.charts.run_times import (
    OTHERS,
    RunTimes,
    comparable,
    run_time_text,
    run_times,
)
from vpo_monitor.analysis.charts.statistics_frames import (
    readable,
    run_time_jobs_table,
    run_times_table,
)
from vpo_monitor.history.records import JobRecord

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def job(
    run_time: float | None, job_type: str = "transcode", status: str = "completed"
) -> JobRecord:
    started = None if run_time is None else NOW - timedelta(seconds=run_time)
    return JobRecord(id="a", job_type=job_type, status=status, started_at=started, completed_at=NOW)


def run_times_of(jobs: list[JobRecord]) -> list[RunTimes]:
    return run_times(tracker_of(jobs), None)


def of(*times: float) -> RunTimes:
    (one,) = run_times_of([job(time) for time in times])
    return one


def test_no_job_has_no_run_time() -> None:
    assert run_times_of([]) == []
    assert run_times_of([job(None), job(9, status="failed"), job(9, status="running")]) == []


def test_few_jobs_have_a_median_but_no_quartiles() -> None:
    assert (of(7).median, of(7).quartiles) == (7, None)
    assert (of(10, 20).median, of(10, 20).quartiles) == (15, None)
    assert (of(30, 10, 20).median, of(30, 10, 20).unusual) == (20, ())
    assert [record.run_seconds for record in of(30, 10, 20).apart] == [10, 20, 30]


def test_the_box_holds_the_middle_half() -> None:
    quartiles = of(10, 20, 30, 40, 50).quartiles
    assert quartiles is not None
    assert (quartiles.low, quartiles.lower_quartile, quartiles.median) == (10, 20, 30)
    assert (quartiles.upper_quartile, quartiles.high) == (40, 50)


def test_jobs_far_off_by_a_factor_are_unusual_in_both_directions() -> None:
    one = of(0.5, 80, 90, 95, 100, 105, 110, 120, 9000)
    assert [record.run_seconds for record in one.unusual] == [0.5, 9000]
    assert one.quartiles is not None
    assert (one.quartiles.low, one.quartiles.high) == (80, 120)


def test_times_without_a_logarithm_are_compared_as_short_ones() -> None:
    one = of(0, 0, 0, 0, 0, 0)
    assert one.quartiles is not None
    assert one.quartiles.low > 0
    assert one.unusual == ()
    assert comparable(one.shortest) > 0


def test_the_type_with_the_most_jobs_comes_first() -> None:
    types = run_times_of([job(1, "scan"), job(1, "move"), job(2, "move")])
    assert [one.job_type for one in types] == ["move", "scan"]


def test_any_number_of_types_and_any_name_stays_within_bounds() -> None:
    types = run_times_of([job(1, f"\x1b[31m{number} {'long ' * 99}") for number in range(500)])
    assert len(types) == 8
    assert types[-1].job_type == OTHERS
    assert sum(one.count for one in types) == 500
    assert all(len(one.job_type) <= 30 and one.job_type.isprintable() for one in types)
    assert run_times_of([job(1, "")])[0].job_type == "no type"


@pytest.mark.parametrize(
    ("run_time", "words"), [(None, "–"), (0.24, "0.2 s"), (12.4, "12 s"), (65, "1 min 05 s")]
)
def test_words(run_time: float | None, words: str) -> None:
    assert run_time_text(run_time) == words


def test_tables_have_their_columns_also_without_rows() -> None:
    for empty, full in (
        (run_times_table([]), run_times_table([of(1)])),
        (run_time_jobs_table([]), run_time_jobs_table([job(1)])),
    ):
        assert readable(empty).dtypes.index.tolist() == readable(full).dtypes.index.tolist()


def test_times_on_screen_are_rounded_and_those_of_the_csv_are_not() -> None:
    table = run_time_jobs_table([job(3.14159), job(61.4), job(7290), job(None)])
    assert table["Run time (s)"].tolist()[:3] == [3.14159, 61.4, 7290]
    shown = readable(table)["Run time"]
    assert [time.total_seconds() for time in shown[:3]] == [3.1, 61, 7320]
    assert shown.isna().tolist() == [False, False, False, True]
