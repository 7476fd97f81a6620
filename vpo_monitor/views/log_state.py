"""What is known of a log beyond its rows, as the log area shows it: its outline, and the search."""

from dataclasses import dataclass

from vpo_monitor.analysis.formatting import duration
from vpo_monitor.analysis.logs.outline import Outline, Section
from vpo_monitor.analysis.number_format import count, decimal
from vpo_monitor.polling.log_search import LogSearch

_SHORT = 10
"""Seconds; a shorter duration has a decimal."""


@dataclass(frozen=True)
class SearchState:
    """The numbers of the lines found so far; None if the pattern is invalid.

    `percent` of the log are searched; None if the search is over. `note` says why it ended early,
    or why the pattern is invalid.
    """

    find: str
    matches: tuple[int, ...] | None
    percent: int | None = None
    note: str = ""


@dataclass(frozen=True)
class LogState:
    """What is known of a job's log; always sent as a whole.

    Each entry of the `outline` is a line's number, the title, the outcome and how long it took;
    `omitted` earlier ones are left out.
    """

    job: str
    outline: tuple[tuple[int, str, str, str], ...] = ()
    omitted: int = 0
    search: SearchState | None = None


def log_state(job_id: str, sections: Outline, search: SearchState | None) -> LogState:
    """Return the state of a job's log."""
    entries = tuple(
        (one.line, one.title, one.outcome.value, _how_long(one)) for one in sections.sections
    )
    return LogState(job_id, entries, sections.omitted, search)


def search_state(find: str, search: LogSearch, *, is_stopped: bool) -> SearchState:
    """Return the state of a search for `find`."""
    searched, percent, note = search.end - search.searched_from, None, ""
    if search.ended_early:
        note = f"Search stopped early: {search.ended_early}."
    elif is_stopped and not search.is_done:
        note = f"Stopped: only the newest {count(searched)} lines were searched"
    elif not search.is_done:
        percent = 100 * searched // max(1, search.end)
    return SearchState(find, search.matches, percent, note)


def _how_long(section: Section) -> str:
    """Return a section's duration in words, or how many errors follow the first one."""
    if section.errors > 1:
        return f"and {count(section.errors - 1)} more"
    if section.seconds is None:
        return ""
    if section.seconds < _SHORT:
        return f"{decimal(section.seconds, 1)} s"
    return duration(section.seconds)
