"""Times, counts of jobs and server text as words that a person reads."""

from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath

from vpo_monitor.insight.number_format import count
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LONGEST = 36_525 * _DAY

NO_FILE = "No file name"


def is_credible(seconds: float) -> bool:
    """Whether anything took so long: less than none and more than a century are mistakes."""
    return 0 <= seconds <= _LONGEST


def duration(value: timedelta | float | None) -> str:
    """A duration (a timedelta or seconds) to two units: `3 min 05 s`; a dash where unknown."""
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
    """The last part of a path, of either kind of slash; the path itself where it has none."""
    kind = PureWindowsPath if "\\" in path and "/" not in path else PurePosixPath
    return kind(path).name or path


def display_name(path: str, otherwise: str = "") -> str:
    """That last part as a harmless line, no longer than a name can be; `otherwise` for a blank."""
    name = plain_line(file_name(path), LONGEST_NAME)
    return name if name.strip() else otherwise


def job_count(number: int) -> str:
    """So many jobs."""
    return f"{count(number)} job{'' if number == 1 else 's'}"


def truncate(text: str, most: int = 30) -> str:
    """The text, cut with an ellipsis where it is longer than `most` signs."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
