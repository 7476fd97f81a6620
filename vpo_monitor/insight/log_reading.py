"""Which lines of a log one viewer sees, and the reads that bring them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling.line_pattern import LinePattern
from vpo_monitor.polling.log_page import log_pages
from vpo_monitor.polling.log_search import LogSearch, log_search
from vpo_monitor.polling.log_tail import MAX_CHARACTERS, LogTail


@dataclass(frozen=True)
class Stretch:
    """Consecutive lines of a log, the first of them being line number `first`."""

    lines: tuple[str, ...]
    first: int

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.lines) - 1

    def bounded(self, size: int) -> "Stretch":
        """The last `size` lines, and of those what is within the characters for one screen."""
        lines = self.lines[-size:]
        characters = sum(map(len, lines))
        start = 0
        while characters > MAX_CHARACTERS and start < len(lines) - 1:
            characters -= len(lines[start])
            start += 1
        return Stretch(lines[start:], self.last - len(lines) + 1 + start)


class LogReading:
    """One viewer's place in a log: at its end, or at a window that was asked for.

    A `window` (a, b) is lines a + 1 to b; it is given up when the log turns out to be another.
    `has_before`: what was shown last was joined from the newest lines and older ones.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.window: tuple[int, int] | None = None
        self.has_before = False
        self._before: tuple[int, int] | None = None
        self._size = 0
        self._epoch: int | None = None
        self._search: tuple[LinePattern, int] | None = None
        self._is_stopped = False
        self._found: LogSearch | None = None

    def show(self, tail: LogTail, line: int, size: int) -> None:
        """Go to a window of `size` lines with this line in its middle."""
        start = max(0, min(line - 1 - size // 2, tail.end - size))
        self.window = (start, min(tail.end, start + size))

    def to_end(self) -> None:
        """Go back to the newest lines."""
        self.window = None

    def stretch(self, reader: Reader, tail: LogTail, size: int) -> Stretch | None:
        """The lines to show, at most `size`; None while those of a window are on their way."""
        if tail.epoch != self._epoch:
            self._epoch, self.window, self._before = tail.epoch, None, None
            self._search = self._found = None
        if self.window is not None:
            lines = self._pages(reader, *self.window)
            return None if lines is None else Stretch(lines, self.window[0] + 1).bounded(size)
        newest = Stretch(tail.lines, tail.start + 1)
        self.has_before = False
        if len(tail.lines) >= min(size, tail.end) or tail.is_gone:
            return newest.bounded(size)
        # Lines that are written never change, so what to ask for is settled once and stays.
        wanted_from = max(0, tail.end - size)
        if self._before is None or self._before[0] > wanted_from or self._size != size:
            self._before, self._size = (wanted_from, tail.start), size
        before = self._pages(reader, *self._before)
        if before is None or tail.start > self._before[1]:
            return newest.bounded(size)
        self.has_before = True
        joined = before[: tail.start - self._before[0]] + tail.lines
        return Stretch(joined, self._before[0] + 1).bounded(size)

    def search(self, reader: Reader, tail: LogTail, pattern: LinePattern) -> LogSearch:
        """What is found so far, in the lines that were there when the search began and after."""
        if self._search is None or self._search[0] != pattern:
            self._search, self._found, self._is_stopped = (pattern, tail.end), None, False
        end = self._search[1]
        if not self._is_stopped:
            query = log_search(self.job_id, pattern, end, tail.epoch)
            found = reader.read(query, math.inf).data
            self._found = found or self._found
        found = self._found or LogSearch(end, end)
        return _with_newer(found, tail, pattern)

    @property
    def is_stopped(self) -> bool:
        """Whether the viewer has stopped the search."""
        return self._is_stopped

    def stop_search(self) -> None:
        """Search no further; what was found stays."""
        self._is_stopped = True

    def _pages(self, reader: Reader, start: int, end: int) -> tuple[str, ...] | None:
        found: tuple[str, ...] = ()
        pages = log_pages(self.job_id, start, end, self._epoch or 0)
        data = [reader.read(page, math.inf).data for page in pages]
        for page in data:
            if page is None:
                return None
            found += page.lines
        return found


def _with_newer(found: LogSearch, tail: LogTail, pattern: LinePattern) -> LogSearch:
    """The search with the lines that have come since it began."""
    newer = [
        (number, line)
        for number, line in enumerate(tail.lines, tail.start + 1)
        if number > found.end and pattern.matches(line)
    ]
    return LogSearch(
        end=found.end,
        searched_from=found.searched_from,
        matches=(*found.matches, *(number for number, _ in newer)),
        lines=(*found.lines, *newer),
        is_full=found.is_full,
    )


def next_match(matches: Sequence[int], line: int, direction: int) -> int | None:
    """The number of the nearest matching line after this one; before, where `direction` < 0."""
    if direction > 0:
        return min((number for number in matches if number > line), default=None)
    return max((number for number in matches if number < line), default=None)
