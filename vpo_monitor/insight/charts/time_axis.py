"""The ticks of a time axis in the viewer's time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_HOURS_UP_TO = timedelta(days=2)
_HOURS = range(0, 24, 2)


@dataclass(frozen=True)
class Tick:
    """A tick at a time (UTC); those with `is_main` stay if space is short."""

    at: datetime
    label: str
    is_main: bool


def ticks(since: datetime, until: datetime, zone: tzinfo) -> tuple[Tick, ...]:
    """Return the midnights between two times, and on a short axis every second hour too."""
    is_short = until - since <= _HOURS_UP_TO
    day = since.astimezone(zone).date()
    found: dict[datetime, Tick] = {}
    while day <= until.astimezone(zone).date():
        for hour in _HOURS if is_short else (0,):
            local = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
            at = local.astimezone(UTC)  # an hour skipped by the clocks becomes the next
            if since <= at <= until:
                label = f"{local:%H:%M}" if hour else f"{local:%a} {day.day} {local:%b}"
                is_main = hour == 0 if is_short else day.weekday() == 0
                found.setdefault(at, Tick(at, label, is_main))
        day += timedelta(days=1)
    return tuple(found[at] for at in sorted(found))
