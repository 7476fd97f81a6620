from datetime import UTC, date, datetime

import pytest

from vpo_monitor.analysis.charts.periods import Period, period_name, periods
from vpo_monitor.analysis.charts.statistics_frames import periods_table
from vpo_monitor.api.models import TrendPoint

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


def point(date: str, files: int = 1, saved: int | None = 10) -> TrendPoint:
    return TrendPoint(date=date, success_count=files, fail_count=1, size_saved=saved)


def test_days_without_a_file_are_there_from_the_chosen_time_until_today() -> None:
    found = periods([point("2026-11-20")], "day", "7d", NOW)
    assert [period_name(p, "day") for p in found] == [f"2026-11-{day}" for day in range(17, 25)]
    assert [p.succeeded for p in found] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert found[0] == Period(date(2026, 11, 17), date(2026, 11, 18))


def test_all_time_begins_with_the_first_file() -> None:
    found = periods([point("2026-11-22")], "day", None, NOW)
    assert [period_name(p, "day") for p in found] == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_weeks_are_named_by_their_monday() -> None:
    found = periods([point("2026-W46"), point("2026-W47")], "week", None, NOW)
    assert [period_name(p, "week") for p in found] == ["2026-11-16", "2026-11-23"]
    assert found[0].end == found[1].start


def test_the_week_in_which_a_year_ends_is_put_together_again() -> None:
    new_year = datetime(2026, 1, 2, tzinfo=UTC)
    found = periods([point("2025-W52", 2), point("2026-W00", 3)], "week", None, new_year)
    assert found == [Period(date(2025, 12, 29), date(2026, 1, 5), 5, 2, 20)]


def test_a_size_that_is_not_known_for_a_part_is_not_known_for_the_whole() -> None:
    new_year = datetime(2026, 1, 2, tzinfo=UTC)
    points = [point("2025-W52", saved=None), point("2026-W00")]
    assert periods(points, "week", None, new_year)[0].saved is None


def test_months_reach_over_the_new_year() -> None:
    found = periods([point("2025-12")], "month", None, datetime(2026, 2, 1, tzinfo=UTC))
    assert [period_name(p, "month") for p in found] == ["2025-12", "2026-01", "2026-02"]


@pytest.mark.parametrize("group_by", ["day", "week", "month"])
def test_dates_that_cannot_be_read_or_are_absurd_cost_no_more_than_themselves(
    group_by: str,
) -> None:
    names = {"day": "2026-11-23", "week": "2026-W47", "month": "2026-11"}
    far = {"day": "0001-01-01", "week": "0001-W01", "month": "0001-01"}
    last = {"day": "9999-12-31", "week": "9999-W52", "month": "9999-12"}
    bad = [point("<b>"), point("2026-13-99"), point(last[group_by])]
    good = point(names[group_by])
    assert sum(p.succeeded for p in periods([*bad, good], group_by, "30d", NOW)) == 1
    both = periods([point(far[group_by]), good], group_by, None, NOW)
    assert [p.succeeded for p in both] == [1, 1]


def test_nothing_processed_is_no_period() -> None:
    assert periods([], "day", "30d", NOW) == []
    assert len(periods_table([], "day").columns) == 4
