"""One viewer's position in a log, with the requests for the visible lines."""

import math
from dataclasses import dataclass

from vpo_monitor.analysis.reader import Reader
from vpo_monitor.polling.line_pattern import LinePattern
from vpo_monitor.polling.log_page import log_pages
from vpo_monitor.polling.log_search import (
    MAX_CONTEXT,
    NO_MATCHES,
    LogSearch,
    Matches,
    log_search,
    search_lines,
    too_much,
)
from vpo_monitor.polling.log_tail import LogTail, last_lines


@dataclass(frozen=True)
class LineRange:
    """Consecutive lines of a log, starting at line number `first`."""

    lines: tuple[str, ...]
    first: int

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.lines) - 1

    def bounded(self, size: int) -> "LineRange":
        """Return the last `size` lines, limited to the characters that fit on one screen."""
        lines = last_lines(self.lines, size)
        return LineRange(lines, self.last - len(lines) + 1)


@dataclass
class _Search:
    """A search: lines 1 to `first` page by page from the server, later lines as they arrive."""

    pattern: LinePattern
    first: int
    older: LogSearch | None = None
    is_stopped: bool = False
    seen_to: int = 0
    newer: Matches = NO_MATCHES

    def has_missed(self, tail: LogTail) -> bool:
        """Whether lines were dropped from the tail before they were searched."""
        return tail.start > max(self.first, self.seen_to)

    def look_at_newest(self, tail: LogTail) -> None:
        """Search the lines that arrived since the last call.

        The last few lines are searched again, because their context was missing and the very last
        may have been incomplete.
        """
        if self.newer.ended_early:
            return
        start = max(self.first, tail.start, self.seen_to - MAX_CONTEXT) + 1
        new = search_lines(tail.lines, tail.start + 1, self.pattern, start, tail.end)
        matches = tuple(number for number in self.newer.matches if number < start) + new.matches
        lines = self.newer.lines | new.lines
        why = new.ended_early or too_much(matches, lines)
        self.newer, self.seen_to = Matches(matches, lines, why), tail.end

    def result(self, end: int) -> LogSearch:
        """Return all matches found so far."""
        older = self.older or LogSearch(self.first, self.first)
        return LogSearch(
            end=end,
            searched_from=older.searched_from,
            matches=older.matches + self.newer.matches,
            lines=tuple(sorted((dict(older.lines) | self.newer.lines).items())),
            ended_early=self.newer.ended_early or older.ended_early,
        )


class LogPosition:
    """One viewer's position in a log: following its end, or at a chosen window.

    A `window` (a, b) is lines a + 1 to b. If the log turns out to be a different one, the window is
    dropped and `is_reloaded` is set. `has_before`: the lines shown last combine the newest lines
    with older ones. `is_incomplete`: the server lacks some of the requested lines. `is_failing`:
    the last attempt to load them failed and will be retried.
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
        """Update the position for the log's current state; call it first."""
        if self._epoch not in (None, tail.epoch):
            self.window = self._before = self._search = None
            self.is_reloaded = tail.resynced is not None
        self._epoch = tail.epoch

    def show(self, tail: LogTail, line: int, size: int) -> None:
        """Go to a window of `size` lines centered on this line."""
        self.begin_at(tail, line - 1 - size // 2, size)

    def begin_at(self, tail: LogTail, start: int, size: int) -> None:
        """Go to the window of `size` lines that follows about `start` lines."""
        start = max(0, min(start, tail.end - size))
        self.window = (start, min(tail.end, start + size))

    def follow_end(self) -> None:
        """Return to the newest lines."""
        self.window = None

    def visible_lines(self, reader: Reader, tail: LogTail, size: int) -> LineRange | None:
        """Return at most `size` visible lines; None while a window's lines are loading."""
        if self.window is not None:
            lines = self._pages(reader, *self.window)
            return None if lines is None else LineRange(lines, self.window[0] + 1).bounded(size)
        newest = LineRange(tail.lines, tail.start + 1)
        self.has_before = False
        if len(tail.lines) >= min(size, tail.end) or tail.is_gone:
            return newest.bounded(size)
        # Written lines never change, so the request stays the same once it is chosen.
        wanted_from = max(0, tail.end - size)
        if self._before is None or self._size != size:
            self._before, self._size = (wanted_from, tail.start), size
        before = self._pages(reader, *self._before)
        if before is None or tail.start > self._before[1]:  # the newest lines alone fill the screen
            return newest.bounded(size)
        self.has_before = True
        joined = before[: tail.start - self._before[0]] + tail.lines
        return LineRange(joined, self._before[0] + 1).bounded(size)

    def search(self, reader: Reader, tail: LogTail, pattern: LinePattern) -> LogSearch:
        """Search the loaded lines at once and older ones page by page; return the results."""
        if self._search is None or self._search.pattern != pattern or self._search.has_missed(tail):
            # Some of the loaded lines are left to the pages, so that each has its context.
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
        """Stop the search and keep its matches."""
        if self._search is not None:
            self._search.is_stopped = True

    def _pages(self, reader: Reader, start: int, end: int) -> tuple[str, ...] | None:
        """Return the lines of these pages; None while one is loading or if the log lacks some."""
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
