"""Format estimates, rounded to their precision, with their range."""

import math
from datetime import datetime, timedelta, tzinfo

from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.estimates.problems import problem_text
from vpo_monitor.analysis.estimates.queue_starts import ExpectedTimes
from vpo_monitor.analysis.estimates.running_job import RunningJob
from vpo_monitor.analysis.progress import Progress

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LONGEST = 3650 * _DAY
A_FEW_SECONDS = "a few seconds"
OVER_TEN_YEARS = "over 10 years"
_FAR_FUTURE = "years away"
# Rounding in seconds by size of the estimate, because a number that changes all the time distracts.
_STEPS = (
    (90, 10),
    (10 * _MINUTE, _MINUTE),
    (_HOUR, 5 * _MINUTE),
    (4 * _HOUR, 10 * _MINUTE),
    (_DAY, _HOUR),
)

# A range of several jobs is less precise than the estimate of one.
_RANGE_STEPS = ((2 * _MINUTE, 30), (10 * _MINUTE, _MINUTE), (_HOUR, 5 * _MINUTE), *_STEPS[3:])
_FEW_SECONDS = 5


def rounded_duration(seconds: float) -> str:
    """Format an approximate duration: `40 s`, `7 min`, `1 h 20 min`, `3 d`."""
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
    """Format the remaining time: `about 12 min`."""
    words = rounded_duration(estimate.middle)
    return words if words in (A_FEW_SECONDS, OVER_TEN_YEARS) else f"about {words}"


def remaining_range(estimate: Estimate) -> str:
    """Format the range of the remaining time: `8 to 20 min`."""
    return range_text(rounded_duration(estimate.low), rounded_duration(estimate.high))


def range_text(low: str, high: str) -> str:
    """Format a range, or a single value if both ends are equal; a common unit only once."""
    if low == A_FEW_SECONDS and high != A_FEW_SECONDS:
        return f"up to {high}"
    if low == high:
        return low
    number, _, unit = low.partition(" ")
    return f"{number if unit and high.partition(' ')[2] == unit else low} to {high}"


def eta_text(estimate: Estimate, now: datetime, zone: tzinfo) -> str:
    """Format the ETA: `about 14:30`, with the date if it is not today."""
    words = _clock(estimate.middle, now, zone)
    return words if words == _FAR_FUTURE else f"about {words}"


def eta_range(estimate: Estimate, now: datetime, zone: tzinfo) -> str:
    """Format the range of the ETA: `14:25 to 14:40`."""
    return range_text(_clock(estimate.low, now, zone), _clock(estimate.high, now, zone))


def in_text(estimate: Estimate) -> str:
    """Format when something is expected: `in 10 to 25 min`, `within 10 min`.

    The range is rounded outward and coarsely, as it moves with every job ahead.
    """
    low_step, high_step = _range_step(estimate.low), _range_step(estimate.high)
    low = rounded_duration(math.floor(estimate.low / low_step) * low_step)
    high = rounded_duration(math.ceil(estimate.high / high_step) * high_step)
    if estimate.high < _FEW_SECONDS:
        return f"in {A_FEW_SECONDS}"
    if low == A_FEW_SECONDS:
        return f"within {high}"
    return f"in about {low}" if low == high else f"in {range_text(low, high)}"


def expected_text(expected: ExpectedTimes) -> str:
    """Format start and end of a queued job: `starts in 10 to 25 min · ends in 20 to 45 min`."""
    ends = "unknown" if expected.end is None else in_text(expected.end)
    return f"starts {in_text(expected.start)} · ends {ends}"


def expected_clock_text(expected: ExpectedTimes, now: datetime, zone: tzinfo) -> str:
    """Format start and end as times of day, which stay true while the data is old."""
    ends = "unknown" if expected.end is None else eta_range(expected.end, now, zone)
    return f"starts {eta_range(expected.start, now, zone)} · ends {ends}"


def basis_text(job: RunningJob) -> str:
    """Describe the basis of the estimate, and the usual duration if it is not from progress."""
    if job.kind is Progress.MEASURED and job.remaining is not None:
        return f"ETA {job.remaining.basis}"
    if job.usual is None:
        return "No ETA yet: not enough similar jobs"
    low, high = rounded_duration(job.usual.low), rounded_duration(job.usual.high)
    return f"Usually takes {range_text(low, high)}, {job.similar.basis}"


def visible_estimate(running: RunningJob | None) -> object:
    """Return the displayed values that change with time alone, rounded as displayed."""
    if running is None:
        return None
    remaining = running.remaining
    words = None if remaining is None else (remaining_text(remaining), remaining_range(remaining))
    return (words, basis_text(running), problem_text(running.problem))


def _clock(seconds: float, now: datetime, zone: tzinfo) -> str:
    try:
        at = (now + timedelta(seconds=seconds)).astimezone(zone)
    except OverflowError:
        return _FAR_FUTURE
    days = (at.date() - now.astimezone(zone).date()).days
    if days == 0:
        return f"{at:%H:%M}"
    return f"{at:%a %H:%M}" if days < 7 else f"{at:%Y-%m-%d}"  # noqa: PLR2004 - days in a week


def _range_step(seconds: float) -> int:
    return next((step for up_to, step in _RANGE_STEPS if seconds <= up_to), _DAY)


def _rounded(seconds: float) -> int:
    for up_to, step in _STEPS:
        if seconds <= up_to:
            return round(seconds / step) * step
    return round(seconds / _DAY) * _DAY
