"""The slots of a time axis, and its ticks in the viewer's time zone."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_DAY = 24 * 60
_STEPS = (
    (timedelta(minutes=15), 1),
    (timedelta(hours=1) / 2, 5),
    (timedelta(hours=2), 10),
    (timedelta(hours=12), 60),
    (timedelta(days=2), 120),
)
"""The minutes between two ticks, for an axis up to that length; a longer one has days only."""
_MOST_DAYS = 45
_MANY_DAYS_TICKS = 6
_MOST_SLOTS = 360
_SHORTEST_SLOT = timedelta(minutes=5)


@dataclass(frozen=True)
class Tick:
    """A tick at a time (UTC); those with `is_main` stay if space is short."""

    at: datetime
    label: str
    is_main: bool


def slot_length(period: timedelta) -> timedelta:
    """Return the length of a slot: whole 5 minutes, so that at most 361 cover the period."""
    return max(1, math.ceil(period / _MOST_SLOTS / _SHORTEST_SLOT)) * _SHORTEST_SLOT


def ticks(since: datetime, until: datetime, zone: tzinfo) -> tuple[Tick, ...]:
    """Return the midnights between two times, and on a short axis round times of the day, too.

    A very long axis has a few days with their year.
    """
    if until - since > timedelta(days=_MOST_DAYS):
        return _days_with_year(since, until, zone)
    step = next((minutes for length, minutes in _STEPS if until - since <= length), _DAY)
    day = since.astimezone(zone).date()
    found: dict[datetime, Tick] = {}
    while day <= until.astimezone(zone).date():
        for minutes in range(0, _DAY, step):
            hour, minute = divmod(minutes, 60)
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            at = local.astimezone(UTC)  # an hour skipped by the clocks becomes the next
            if since <= at <= until:
                label = f"{local:%H:%M}" if minutes else f"{local:%a} {day.day} {local:%b}"
                found.setdefault(at, Tick(at, label, _is_main(local, step)))
        day += timedelta(days=1)
    return tuple(found[at] for at in sorted(found))


def _days_with_year(since: datetime, until: datetime, zone: tzinfo) -> tuple[Tick, ...]:
    step = (until - since) / _MANY_DAYS_TICKS
    moments = [since + (number + 0.5) * step for number in range(_MANY_DAYS_TICKS)]
    return tuple(Tick(at, f"{at.astimezone(zone):%Y-%m-%d}", is_main=True) for at in moments)


def _is_main(local: datetime, step: int) -> bool:
    if step == _DAY:
        return local.weekday() == 0
    minutes = 60 * local.hour + local.minute
    return minutes == 0 if step > 60 else minutes % (3 * step) == 0  # noqa: PLR2004
