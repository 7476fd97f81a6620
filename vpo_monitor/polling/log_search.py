"""Search of a whole log, page by page, from its newest lines to its first."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.line_pattern import LinePattern
from vpo_monitor.polling.log_tail import MAX_CHARACTERS, MAX_LINES_PER_REQUEST, shown_lines
from vpo_monitor.polling.queries import Route

MAX_CONTEXT = 10
"""Lines around a match that a search keeps to show with it."""
MAX_MATCHES = 5000
MAX_SECONDS = 2.0
TOO_MUCH = "too many matches"
TOO_SLOW = "this pattern is too slow"
_STEP = MAX_LINES_PER_REQUEST - 2 * MAX_CONTEXT


@dataclass(frozen=True)
class LogSearch:
    """The matches in lines `searched_from` + 1 to `end` of a log; lines count from 1.

    `matches` are the numbers of the lines that match, in order; `lines` holds them and those
    around, as (number, text). `ended_early` says why the search stopped before the first line.
    """

    end: int
    searched_from: int
    matches: tuple[int, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()
    ended_early: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be searched."""
        return bool(self.ended_early) or self.searched_from == 0

    def matching_lines(self) -> list[str]:
        """The text of the lines that match."""
        texts = dict(self.lines)
        return [texts[number] for number in self.matches]


def log_search(job_id: str, pattern: LinePattern, end: int, epoch: int) -> BulkQuery[LogSearch]:
    """Search the first `end` lines of a log whose tail is of that `epoch`."""
    arguments = (("end", end), ("epoch", epoch), ("job_id", job_id), ("pattern", pattern))
    return BulkQuery(Route.LOGS, _search, arguments)


def _search(job_id: str, pattern: LinePattern, end: int, epoch: int) -> Steps[LogSearch]:  # noqa: ARG001 - `epoch` tells one log from the next
    found = LogSearch(end, end)
    while not found.is_done:
        first = max(0, found.searched_from - _STEP)
        offset = max(0, first - MAX_CONTEXT)
        count = found.searched_from + MAX_CONTEXT - offset
        answer = yield found, queries.log_lines(job_id, lines=count, offset=offset)
        lines = shown_lines(answer.lines[:count])
        new = search_lines(lines, offset + 1, pattern, first + 1, found.searched_from)
        known = new.lines | dict(found.lines)
        matches = new.matches + found.matches
        found = LogSearch(
            end=end,
            searched_from=first,
            matches=matches,
            lines=tuple(sorted(known.items())),
            ended_early=new.ended_early or too_much(matches, known),
        )
    return found


@dataclass(frozen=True)
class Matches:
    """The numbers of matching lines, and the text of those and of the lines around them."""

    matches: tuple[int, ...]
    lines: dict[int, str]
    ended_early: str = ""


NO_MATCHES = Matches((), {})


def search_lines(
    lines: Sequence[str],
    first: int,
    pattern: LinePattern,
    start: int,
    end: int,
    now: Callable[[], float] = time.monotonic,
) -> Matches:
    """Search lines `start` to `end` for a pattern, for at most `MAX_SECONDS`.

    `lines` begin with line number `first`; only they are searched and shown around matches.
    """
    last = first + len(lines) - 1
    give_up_at = now() + MAX_SECONDS
    matches = []
    for number in range(max(first, start), min(last, end) + 1):
        if pattern.matches(lines[number - first]):
            matches.append(number)
        if now() > give_up_at:
            return Matches((), {}, TOO_SLOW)
    around = {
        near: lines[near - first]
        for number in matches
        for near in range(max(first, number - MAX_CONTEXT), min(last, number + MAX_CONTEXT) + 1)
    }
    return Matches(tuple(matches), around)


def too_much(matches: Sequence[int], lines: Mapping[int, str]) -> str:
    """Return why these are too many matches to look through; empty if they aren't."""
    is_full = len(matches) >= MAX_MATCHES or sum(map(len, lines.values())) > MAX_CHARACTERS
    return TOO_MUCH if is_full else ""
