"""A range of time in the URL is understood, or refused with a reason."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.charts.time_range import InvalidRange, TimeRange, read_range
from vpo_monitor.analysis.zones import zone

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TWO = NOON - timedelta(hours=2)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z"),
        ("2026-11-24T10:00", "2026-11-24T13:00+01:00"),
        ("2026-11-24 10:00", "20261124T120000Z"),
    ],
)
def test_iso_times_are_a_range_in_utc_unless_they_have_an_offset(begin: str, end: str) -> None:
    assert read_range({"from": begin, "to": end, "by": "slot"}, NOON) == TimeRange(TWO, NOON)


def test_without_either_there_is_no_range() -> None:
    assert read_range({"since": "7d"}, NOON) is None


@pytest.mark.parametrize(
    ("begin", "end", "reason"),
    [
        ("2026-11-24T10:00Z", None, "ISO 8601"),
        (None, "2026-11-24T10:00Z", "ISO 8601"),
        ("", "", "ISO 8601"),
        ("<b>", "now", "ISO 8601"),
        ("0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "ISO 8601"),
        ("2026-11-24T11:00Z", "2026-11-24T10:00Z", "later than"),
        ("2026-11-24T11:00Z", "2026-11-24T11:00:30Z", "1 minute to 366 days"),
        ("1970-01-01", "2026-11-24", "1 minute to 366 days"),
        ("2026-11-24T12:00Z", "2026-11-25T10:00Z", "future"),
        ("0001-01-01T00:00Z", "0001-02-01T00:00Z", "before 1970"),  # no local time in New York
    ],
)
def test_anything_else_is_refused_with_a_reason(
    begin: str | None, end: str | None, reason: str
) -> None:
    query = {name: text for name, text in (("from", begin), ("to", end)) if text is not None}
    with pytest.raises(InvalidRange, match=reason):
        read_range(query, NOON)


def test_the_label_is_in_the_zone_of_the_viewer_and_names_each_day_once() -> None:
    short = TimeRange(NOON - timedelta(hours=2), NOON)
    assert short.label(zone("Europe/Berlin")) == "24 Nov 11:00 – 13:00"
    assert TimeRange(NOON - timedelta(days=1), NOON).label(UTC) == "23 Nov 12:00 – 24 Nov 12:00"
