"""A selection is a job, whatever happens to the rows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpo_monitor.insight.row_memory import REACTION_TIME, RowMemory

LISTS = st.lists(st.permutations("abcdef").map(lambda ids: ids[:4]), min_size=9, max_size=40)


@settings(max_examples=30)
@given(lists=LISTS, data=st.data())
def test_the_selected_job_never_becomes_another_however_the_list_changes(
    lists: list[list[str]], data: st.DataObject
) -> None:
    memory, now, browser, expected = RowMemory(), 0.0, None, None
    on_screen: list[str] = []
    for ids in lists:
        if on_screen and data.draw(st.integers(0, 4)) == 0:
            row = data.draw(st.integers(0, len(on_screen) - 1))
            if (row, "file") != browser:
                browser, expected = (row, "file"), on_screen[row]
        memory.browser_selected(browser, now)
        browser = memory.drawn(ids, now)
        on_screen, now = ids, now + 5.0
        if expected not in ids:
            expected = None
        assert memory.selected == expected
        assert (None if browser is None else ids[browser[0]]) == expected


@pytest.mark.parametrize("moved", [0.0, 8.0])
@pytest.mark.parametrize(
    ("row", "seconds", "job"),
    [
        (0, 0.0, "a"),
        (0, REACTION_TIME - 0.01, "a"),
        (0, REACTION_TIME, "new"),
        (2, REACTION_TIME - 0.01, None),  # there was no such row before
        (2, REACTION_TIME, "b"),
        (3, REACTION_TIME, None),
        (-1, REACTION_TIME, None),
    ],
)
def test_a_click_just_after_the_rows_moved_means_the_row_that_was_there_before(
    row: int, seconds: float, job: str | None, moved: float
) -> None:
    memory = RowMemory()
    memory.drawn(["a", "b"], moved - 10.0)
    memory.drawn(["new", "a", "b"], moved)
    assert memory.browser_selected((row, "file"), moved + seconds)
    assert memory.selected == job
    follows = None if job is None else (["new", "a", "b"].index(job), "file")
    assert memory.drawn(["new", "a", "b"], moved + seconds) == follows


def test_a_click_on_the_first_rows_ever_drawn_means_them_at_once() -> None:
    memory = RowMemory()
    memory.drawn(["a", "b"], 0.0)
    memory.browser_selected((1, "file"), 0.0)
    assert memory.selected == "b"


def test_a_report_from_before_a_job_left_selects_no_other() -> None:
    memory = RowMemory()
    memory.drawn(["a", "b"], 0.0)
    memory.browser_selected((0, "file"), 5.0, by_keyboard=True)
    memory.drawn(["c", "d"], 10.0)
    assert not memory.browser_selected((0, "file"), 20.0, by_keyboard=True)
    assert memory.selected is None
    assert memory.browser_selected((1, "file"), 20.0, by_keyboard=True)
    assert memory.selected == "d"


def test_the_same_report_again_changes_nothing() -> None:
    memory = RowMemory()
    memory.drawn(["a", "b"], 0.0)
    assert memory.browser_selected((1, "file"), 9.0)
    assert not memory.browser_selected((1, "file"), 10.0)


def test_what_is_let_go_can_be_chosen_again() -> None:
    memory = RowMemory()
    memory.drawn(["a"], 0.0)
    memory.browser_selected((0, "file"), 9.0)
    memory.deselect()
    assert memory.selected is None
    assert memory.drawn(["a"], 9.5) is None
    assert memory.browser_selected((0, "file"), 10.0)
    assert memory.selected == "a"
