"""Estimates as words: rounded as far as they are sure, with their range."""

from datetime import datetime, timedelta, tzinfo

from vpo_monitor.insight.estimates.eta import Estimate
from vpo_monitor.insight.estimates.running_job import RunningJob
from vpo_monitor.insight.progress import Progress

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LONGEST = 3650 * _DAY
A_FEW_SECONDS = "a few seconds"
OVER_TEN_YEARS = "over 10 years"
_FAR_FUTURE = "years away"
# Up to so many seconds, a time is rounded to so many: a figure that moves with each look distracts.
_STEPS = (
    (90, 10),
    (10 * _MINUTE, _MINUTE),
    (_HOUR, 5 * _MINUTE),
    (4 * _HOUR, 10 * _MINUTE),
    (_DAY, _HOUR),
)


def rounded_duration(seconds: float) -> str:
    """A time that is not known exactly: `40 s`, `7 min`, `1 h 20 min`, `3 d`."""
    if seconds > _LONGEST:
        return OVER_TEN_YEARS
    rounded = _rounded(seconds)
    if not rounded:
        return A_FEW_SECONDS
    if rounded <= _STEPS[0][0]:
        return f"{rounded} s"
    if rounded < _HOUR:
        return f"{rounded // _MINUTE} min"
    if rounded < _DAY:
        minutes = rounded % _HOUR // _MINUTE
        return f"{rounded // _HOUR} h" + (f" {minutes:02d} min" if minutes else "")
    return f"{round(seconds / _DAY)} d"


def remaining_text(estimate: Estimate) -> str:
    """How long it will still take: `about 12 min`."""
    words = rounded_duration(estimate.middle)
    return words if words in (A_FEW_SECONDS, OVER_TEN_YEARS) else f"about {words}"


def remaining_range(estimate: Estimate) -> str:
    """The range of that: `8 min to 20 min`."""
    return range_text(rounded_duration(estimate.low), rounded_duration(estimate.high))


def range_text(low: str, high: str) -> str:
    """A range, or the one value that both its ends are."""
    if low == A_FEW_SECONDS and high != A_FEW_SECONDS:
        return f"up to {high}"
    return low if low == high else f"{low} to {high}"


def eta_text(estimate: Estimate, now: datetime, zone: tzinfo) -> str:
    """When it will be done: `about 14:30`, or with the day where that is not today."""
    words = _clock(estimate.middle, now, zone)
    return words if words == _FAR_FUTURE else f"about {words}"


def eta_range(estimate: Estimate, now: datetime, zone: tzinfo) -> str:
    """The range of that: `14:25 to 14:40`."""
    return range_text(_clock(estimate.low, now, zone), _clock(estimate.high, now, zone))


def basis_text(job: RunningJob) -> str:
    """What the estimate rests on, and what such jobs usually take where nothing is measured."""
    if job.kind is Progress.MEASURED and job.remaining is not None:
        return f"ETA {job.remaining.basis}"
    if job.usual is None:
        return "No ETA yet: not enough similar jobs"
    low, high = rounded_duration(job.usual.low), rounded_duration(job.usual.high)
    return f"Usually takes {range_text(low, high)}, {job.similar.basis}"


def _clock(seconds: float, now: datetime, zone: tzinfo) -> str:
    try:
        at = (now + timedelta(seconds=seconds)).astimezone(zone)
    except OverflowError:
        return _FAR_FUTURE
    days = (at.date() - now.astimezone(zone).date()).days
    if days == 0:
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if days < 7 else f"{at:%Y-%m-%d}"  # noqa: PLR2004 - days of a week


def _rounded(seconds: float) -> int:
    for up_to, step in _STEPS:
        if seconds <= up_to:
            return round(seconds / step) * step
    return round(seconds / _DAY) * _DAY
