"""Format times, job counts and server text for display."""

from datetime import timedelta

from vpo_monitor.analysis.number_format import count
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LONGEST = 36_525 * _DAY

NO_FILE = "No file name"


def is_credible(seconds: float) -> bool:
    """Whether the duration is plausible: not negative and not over a century."""
    return 0 <= seconds <= _LONGEST


def duration(value: timedelta | float | None) -> str:
    """Format a duration (a timedelta or seconds) in two units: `3 min 05 s`; a dash if unknown."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if not is_credible(seconds):
        return "–"
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE:02d} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE:02d} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR:02d} h"


def file_name(path: str) -> str:
    """Return the last part of a path with either kind of slash, or the path itself."""
    slash = "\\" if "\\" in path and "/" not in path else "/"
    return path.rstrip(slash).rpartition(slash)[2] or path


def display_name(path: str, otherwise: str = "") -> str:
    """Return the sanitized, shortened file name of a path; `otherwise` if it is blank."""
    name = plain_line(file_name(path), LONGEST_NAME)
    return name if name.strip() else otherwise


def job_count(number: int) -> str:
    """Format a number of jobs: `1 job`, `2 jobs`."""
    return f"{count(number)} job{'' if number == 1 else 's'}"


def truncate(text: str, most: int = 30) -> str:
    """Cut the text to `most` characters, with an ellipsis if it was longer."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
