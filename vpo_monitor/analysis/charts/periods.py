"""The periods of statistics: since when, and by day, week or month (all in UTC)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from vpo_monitor.analysis.since import SINCE
from vpo_monitor.api.models import TrendPoint

GROUPS = ("day", "week", "month")
"""The values of the server's `group_by`."""

# VPO counts weeks from the year's first Monday (SQLite's %W); earlier days are week 00.
_FORMATS = {"day": ("%Y-%m-%d", ""), "week": ("%Y-W%W-%w", "-1"), "month": ("%Y-%m", "")}
_MOST_FILLED = 1200
"""Periods; a date centuries away is a clock error and does not deserve empty periods in between."""


@dataclass(frozen=True)
class Period:
    """The files processed from `start` until before `end`; `saved` (bytes) is None if unknown."""

    start: date
    end: date
    succeeded: int = 0
    failed: int = 0
    saved: int | None = 0


def periods(
    points: Sequence[TrendPoint], group_by: str, since: str | None, now: datetime
) -> list[Period]:
    """Return all periods from the first to the current one, oldest first, including empty ones.

    Points with an invalid date are left out. Without any points there are no periods.
    """
    known: dict[date, Period] = {}
    for point in points:
        start = _start(point.date, group_by)
        if start is None:
            continue
        # The server splits the week at the end of a year into two.
        known[start] = _sum(known.get(start), start, group_by, point)
    if not known:
        return []
    today = now.astimezone(UTC).date()
    first = min(known) if since is None else min(*known, (now - SINCE[since]).date())
    last = max(*known, today)
    filled = _between(_floor(first, group_by), last, group_by)
    return [known.get(p.start, p) for p in filled] or [known[start] for start in sorted(known)]


def period_name(period: Period, group_by: str) -> str:
    """Return a sortable name: the day, the first day of the week, or the month."""
    return f"{period.start:%Y-%m}" if group_by == "month" else f"{period.start:%Y-%m-%d}"


def _start(name: str, group_by: str) -> date | None:
    pattern, first_day = _FORMATS[group_by]
    try:
        start = datetime.strptime(name + first_day, pattern).replace(tzinfo=UTC).date()
        _end(start, group_by)
    except (ValueError, OverflowError):
        return None
    return start


def _end(start: date, group_by: str) -> date:
    if group_by == "month":
        return (start.replace(day=1) + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if group_by == "week" else 1)


def _floor(day: date, group_by: str) -> date:
    if group_by == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if group_by == "week" else day


def _between(first: date, last: date, group_by: str) -> list[Period]:
    """Return the empty periods from `first` to that of `last`; none if they would be too many."""
    filled: list[Period] = []
    while first <= last:
        if len(filled) == _MOST_FILLED:
            return []
        filled.append(Period(first, first := _end(first, group_by)))
    return filled


def _sum(known: Period | None, start: date, group_by: str, point: TrendPoint) -> Period:
    before = known or Period(start, _end(start, group_by))
    is_known = point.size_saved is not None and before.saved is not None
    return replace(
        before,
        succeeded=before.succeeded + point.success_count,
        failed=before.failed + point.fail_count,
        saved=(before.saved or 0) + (point.size_saved or 0) if is_known else None,
    )
