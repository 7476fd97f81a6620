"""A fixed range of time, as the URL of the timeline holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

FROM, TO = "from", "to"
"""The names of the parameters."""
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=366)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_FORMAT = "ISO 8601 times, such as 2026-11-29T14:00Z"


class InvalidRange(ValueError):
    """The URL holds no usable range; the text says why."""


@dataclass(frozen=True)
class TimeRange:
    """The time from `since` to `until` (UTC)."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    def label(self, zone: tzinfo) -> str:
        """Return both times in a zone, as short as a phone needs them."""
        begin, end = self.since.astimezone(zone), self.until.astimezone(zone)
        day = "" if begin.date() == end.date() else f"{end.day} {end:%b} "
        return f"{begin.day} {begin:%b} {begin:%H:%M} – {day}{end:%H:%M}"


def read_range(query: Mapping[str, str], now: datetime) -> TimeRange | None:
    """Return the range in the URL, or None if there is none. Raises InvalidRange.

    Times without an offset are UTC.
    """
    if FROM not in query and TO not in query:
        return None
    begin, end = _moment(query.get(FROM, "")), _moment(query.get(TO, ""))
    if begin is None or end is None:
        raise InvalidRange(f"Both {FROM} and {TO} must be {_FORMAT}.")
    if end < begin:
        raise InvalidRange(f"{FROM} is later than {TO}.")
    if not _SHORTEST <= end - begin <= _LONGEST:
        raise InvalidRange(f"It must have 1 minute to {_LONGEST.days} days.")
    if begin < _EARLIEST:
        raise InvalidRange(f"{FROM} is before {_EARLIEST.year}.")
    if begin >= now:
        raise InvalidRange(f"{FROM} is in the future.")
    return TimeRange(begin, end)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
