"""Viewers are drawn one after the other, the first without delay."""

import pytest

from vpo_monitor.views.turns import DRAWING_SECONDS, Turns


def line_up(turns: Turns, viewers: int, now: float = 0.0, interval: float = 5.0) -> list[float]:
    return [turns.delay(one, now, 5.0, interval) for one in range(viewers)]


def test_one_viewer_never_waits() -> None:
    turns = Turns()
    assert [turns.delay(1, now, 5.0, 5.0) for now in (0.0, 5.0, 10.0)] == [0.0, 0.0, 0.0]


def test_each_has_a_place_of_its_own_and_keeps_it() -> None:
    turns = Turns()
    first = line_up(turns, 20)
    assert first == pytest.approx([place * DRAWING_SECONDS for place in range(20)])
    assert line_up(turns, 20, now=5.0) == pytest.approx(first)


def test_all_are_drawn_within_an_interval() -> None:
    turns = Turns()
    line_up(turns, 1000)
    delays = line_up(turns, 1000)
    assert max(delays) < 5.0
    assert len({round(delay, 4) for delay in delays}) == 1000


def test_who_is_gone_holds_no_place() -> None:
    turns = Turns()
    line_up(turns, 100)
    assert turns.delay(99, 36.0, 5.0, 5.0) == 0.0
    assert turns.delay(100, 36.0, 5.0, 5.0) == pytest.approx(DRAWING_SECONDS)
