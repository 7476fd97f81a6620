"""What a log's area says of the outline and of a search."""

import pytest

from vpo_monitor.analysis.logs.outline import outline
from vpo_monitor.analysis.number_format import set_locale
from vpo_monitor.polling.log_search import TOO_MUCH, LogSearch
from vpo_monitor.views.log_state import log_state, search_state

PHASE = "[2026-11-23T21:52:29.609764Z] Phase a: {} (1 changes, {}s)"
ERROR = "[2026-11-23T21:52:29.609764Z] ERROR: no language"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("0.0", "0.0 s"), ("4.84", "4.8 s"), ("25.3", "25 s"), ("3600", "1 h 00 min")],
)
def test_a_section_says_how_long_it_took(seconds: str, words: str) -> None:
    state = log_state("id", outline([PHASE.format("OK", seconds)]), None)
    assert state.outline == ((1, "a", "ok", words),)


def test_decimals_are_the_viewer_s() -> None:
    set_locale("de-DE")
    state = log_state("id", outline([PHASE.format("FAILED", "4.8")]), None)
    set_locale(None)
    assert state.outline == ((1, "a", "failed", "4,8 s"),)


def test_errors_in_a_row_are_one_entry() -> None:
    state = log_state("id", outline([ERROR, ERROR, ERROR]), None)
    assert state.outline == ((1, "no language", "failed", "and 2 more"),)


@pytest.mark.parametrize(
    ("search", "is_stopped", "percent", "note"),
    [
        (LogSearch(4000, 3000, (3500,)), False, 25, ""),
        (LogSearch(4000, 0, (3500,)), False, None, ""),
        (LogSearch(4000, 0, (3500,)), True, None, ""),
        (LogSearch(0, 0), False, None, ""),
        (
            LogSearch(4000, 3000, (3500,)),
            True,
            None,
            "Stopped: only the newest 1,000 lines were searched",
        ),
        (
            LogSearch(4000, 3000, (3500,), ended_early=TOO_MUCH),
            False,
            None,
            "Search stopped early: too many matches.",
        ),
    ],
)
def test_a_search_says_how_far_it_came(
    search: LogSearch, *, is_stopped: bool, percent: int | None, note: str
) -> None:
    state = search_state("needle", search, is_stopped=is_stopped)
    assert (state.matches, state.percent, state.note) == (search.matches, percent, note)
