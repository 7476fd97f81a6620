"""Log lines as rows for display: number, text and marks."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from vpo_monitor.polling.line_pattern import LinePattern

Spans = tuple[tuple[int, int], ...]
"""Where the found text begins and ends, in UTF-16 code units, as browsers count."""
Row = tuple[int, str, str, Spans]
"""The line's number from 1, its text, its marks and the found text. Marks: `e` error, `w` warning,
`h` matches the search, `g` follows a gap."""

_STAMP = re.compile(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z\] ?")
# Words for errors in program output; "0 errors" and "errors: 0" do not count.
_ERROR = re.compile(
    r"\b(?:fatal|critical|exception|traceback|panic|fail(?:ed|ure)|invalid)\b"
    r"|(?<!\b0 )(?<!\bno )(?<!without )\berrors?\b(?!\s*[:=]\s*0\b)",
    re.IGNORECASE,
)
_WARNING = re.compile(r"(?<!\b0 )(?<!\bno )\bwarn(?:ing)?s?\b(?!\s*[:=]\s*0\b)", re.IGNORECASE)


class Timestamps(StrEnum):
    """How the timestamp at the start of a line is shown."""

    WRITTEN = "As logged (UTC)"
    LOCAL = "Local time"
    ELAPSED = "Since job start"
    HIDDEN = "Hidden"


@dataclass(frozen=True)
class RowStyle:
    """How lines become rows. `start` is the job's start, the reference for elapsed times."""

    timestamps: Timestamps = Timestamps.WRITTEN
    zone: tzinfo = UTC
    start: datetime | None = None
    pattern: LinePattern | None = None


def log_rows(lines: Sequence[str], first: int, style: RowStyle) -> list[Row]:
    """Return rows for consecutive lines, starting at line number `first`."""
    return [_row(first + index, line, style) for index, line in enumerate(lines)]


def rows_around(
    lines: Iterable[tuple[int, str]], matches: Sequence[int], context: int, style: RowStyle
) -> list[Row]:
    """Return rows for the matching lines and `context` lines on either side, in order."""
    wanted = {near for number in matches for near in range(number - context, number + context + 1)}
    rows: list[Row] = []
    for number, line in lines:
        if number in wanted:
            _, text, marks, spans = _row(number, line, style)
            is_after_gap = bool(rows) and rows[-1][0] != number - 1 and context > 0
            rows.append((number, text, marks + "g" * is_after_gap, spans))
    return rows


def level(line: str) -> str:
    """Return `e` if the line reports an error, `w` for a warning, else an empty text."""
    if _ERROR.search(line):
        return "e"
    return "w" if _WARNING.search(line) else ""


def _row(number: int, line: str, style: RowStyle) -> Row:
    text = _stamped(line, style)
    if style.pattern is None or not style.pattern.matches(line):
        return (number, text, level(line), ())
    return (number, text, level(line) + "h", _in_utf16(text, style.pattern.spans(text)))


def _in_utf16(text: str, spans: Sequence[tuple[int, int]]) -> Spans:
    if text.isascii():
        return tuple(spans)
    units = [0, *itertools.accumulate(1 + (character > "\uffff") for character in text)]
    return tuple((units[start], units[end]) for start, end in spans)


def _stamped(line: str, style: RowStyle) -> str:
    stamp = None if style.timestamps is Timestamps.WRITTEN else _STAMP.match(line)
    if stamp is None:
        return line
    text = line[stamp.end() :]
    if style.timestamps is Timestamps.HIDDEN:
        return text
    try:
        moment = datetime.fromisoformat(stamp[1]).replace(tzinfo=UTC)
        if style.timestamps is Timestamps.LOCAL:
            return f"{moment.astimezone(style.zone):%Y-%m-%d %H:%M:%S} {text}"
    except (ValueError, OverflowError):  # not a valid date
        return line
    return line if style.start is None else f"{_elapsed(moment - style.start)} {text}"


def _elapsed(passed: timedelta) -> str:
    seconds = int(passed.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
