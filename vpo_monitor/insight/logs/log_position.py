"""Which lines of a log one viewer sees, and the reads that bring them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling.line_pattern import LinePattern
from vpo_monitor.polling.log_page import log_pages
from vpo_monitor.polling.log_search import (
    MAX_CONTEXT,
    NOTHING,
    Found,
    LogSearch,
    log_search,
    look_through,
    too_much,
)
from vpo_monitor.polling.log_tail import LogTail, last_lines


@dataclass(frozen=True)
class LineRange:
    """Consecutive lines of a log, the first of them being line number `first`."""

    lines: tuple[str, ...]
    first: int

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.lines) - 1

    def bounded(self, size: int) -> "LineRange":
        """The last `size` lines, and of those what is within the characters for one screen."""
        lines = last_lines(self.lines, size)
        return LineRange(lines, self.last - len(lines) + 1)


@dataclass
class _Search:
    """A search: of lines 1 to `first` at the server, of those after it as they came."""

    pattern: LinePattern
    first: int
    older: LogSearch | None = None
    is_stopped: bool = False
    seen_to: int = 0
    newer: Found = NOTHING

    def has_missed(self, tail: LogTail) -> bool:
        """Whether lines have come and gone since the last look."""
        return tail.start > max(self.first, self.seen_to)

    def look_at_newest(self, tail: LogTail) -> None:
        """Look through the lines that have come since.

        The last ones are looked at again: what stands around them has come now, and the very last
        may have been half a line.
        """
        if self.newer.ended_early:
            return
        start = max(self.first, tail.start, self.seen_to - MAX_CONTEXT) + 1
        new = look_through(tail.lines, tail.start + 1, self.pattern, start, tail.end)
        matches = tuple(number for number in self.newer.matches if number < start) + new.matches
        lines = self.newer.lines | new.lines
        why = new.ended_early or too_much(matches, lines)
        self.newer, self.seen_to = Found(matches, lines, why), tail.end

    def result(self, end: int) -> LogSearch:
        """All that is found."""
        older = self.older or LogSearch(self.first, self.first)
        return LogSearch(
            end=end,
            searched_from=older.searched_from,
            matches=older.matches + self.newer.matches,
            lines=tuple(sorted((dict(older.lines) | self.newer.lines).items())),
            ended_early=self.newer.ended_early or older.ended_early,
        )


class LogPosition:
    """One viewer's place in a log: at its end, or at a window that was asked for.

    A `window` (a, b) is lines a + 1 to b; it is given up when the log turns out to be another, and
    the log `is_reloaded` from then on. `has_before`: what was shown last was joined from the
    newest lines and older ones. `is_incomplete`: the server lacks some of the lines asked for last.
    `is_failing`: the last attempt to load them failed, and another will come.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.window: tuple[int, int] | None = None
        self.has_before = False
        self.is_reloaded = False
        self.is_incomplete = False
        self.is_failing = False
        self._before: tuple[int, int] | None = None
        self._size = 0
        self._epoch: int | None = None
        self._search: _Search | None = None

    def see(self, tail: LogTail) -> None:
        """Take note of the log as it is now, before anything else is asked of it."""
        if self._epoch not in (None, tail.epoch):
            self.window = self._before = self._search = None
            self.is_reloaded = tail.resynced is not None
        self._epoch = tail.epoch

    def show(self, tail: LogTail, line: int, size: int) -> None:
        """Go to a window of `size` lines with this line in its middle."""
        self.begin_at(tail, line - 1 - size // 2, size)

    def begin_at(self, tail: LogTail, start: int, size: int) -> None:
        """Go to the window of `size` lines that comes after `start` lines, or nearly so."""
        start = max(0, min(start, tail.end - size))
        self.window = (start, min(tail.end, start + size))

    def follow_end(self) -> None:
        """Go back to the newest lines."""
        self.window = None

    def visible_lines(self, reader: Reader, tail: LogTail, size: int) -> LineRange | None:
        """The lines to show, at most `size`; None while those of a window are on their way."""
        if self.window is not None:
            lines = self._pages(reader, *self.window)
            return None if lines is None else LineRange(lines, self.window[0] + 1).bounded(size)
        newest = LineRange(tail.lines, tail.start + 1)
        self.has_before = False
        if len(tail.lines) >= min(size, tail.end) or tail.is_gone:
            return newest.bounded(size)
        # Lines that are written never change, so what to ask for is settled once and stays.
        wanted_from = max(0, tail.end - size)
        if self._before is None or self._size != size:
            self._before, self._size = (wanted_from, tail.start), size
        before = self._pages(reader, *self._before)
        if before is None or tail.start > self._before[1]:  # the newest alone fill the screen
            return newest.bounded(size)
        self.has_before = True
        joined = before[: tail.start - self._before[0]] + tail.lines
        return LineRange(joined, self._before[0] + 1).bounded(size)

    def search(self, reader: Reader, tail: LogTail, pattern: LinePattern) -> LogSearch:
        """What is found so far: in the lines at hand at once, in those before them page by page."""
        if self._search is None or self._search.pattern != pattern or self._search.has_missed(tail):
            # Some of the lines at hand are left to the pages, so that each has its lines around.
            self._search = _Search(pattern, tail.start and tail.start + MAX_CONTEXT)
        search = self._search
        search.look_at_newest(tail)
        if search.first and not search.is_stopped and not search.newer.ended_early:
            query = log_search(self.job_id, pattern, search.first, tail.epoch)
            search.older = reader.peek(query, math.inf).data or search.older
        return search.result(tail.end)

    @property
    def is_stopped(self) -> bool:
        """Whether the viewer has stopped the search."""
        return self._search is not None and self._search.is_stopped

    def stop_search(self) -> None:
        """Search no further; what was found stays."""
        if self._search is not None:
            self._search.is_stopped = True

    def _pages(self, reader: Reader, start: int, end: int) -> tuple[str, ...] | None:
        """The lines of these pages; None while one is on its way, or where the log lacks some."""
        pages = log_pages(self.job_id, start, end, self._epoch or 0)
        snapshots = [reader.peek(page, math.inf) for page in pages]
        self.is_failing = any(one.data is None and one.error is not None for one in snapshots)
        found: tuple[str, ...] = ()
        for snapshot in snapshots:
            page = snapshot.data
            if page is None or not page.is_whole:
                self.is_incomplete = page is not None
                return None
            found += page.lines
        self.is_incomplete = False
        return found


def next_match(matches: Sequence[int], line: int, direction: int) -> int | None:
    """The number of the nearest matching line after this one; before, where `direction` < 0."""
    if direction > 0:
        return min((number for number in matches if number > line), default=None)
    return max((number for number in matches if number < line), default=None)
