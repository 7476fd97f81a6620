"""What is made once a process is made once, however many ask at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vpo_monitor.once import Once

_CALLERS = 8


def test_all_who_ask_at_once_get_the_one_that_is_made() -> None:
    together, made = threading.Barrier(_CALLERS), list[object]()

    @Once
    def one() -> object:
        made.append(object())
        return made[-1]

    def ask(_number: int) -> object:
        together.wait(10)
        return one()

    with ThreadPoolExecutor(_CALLERS) as pool:
        got = list(pool.map(ask, range(_CALLERS)))
    assert len(made) == 1
    assert set(got) == set(made)


def test_nothing_is_a_result_too_and_an_error_is_none() -> None:
    calls = list[str]()

    @Once
    def make() -> None:
        calls.append("called")
        if len(calls) == 1:
            raise ValueError("not yet")

    with pytest.raises(ValueError, match="not yet"):
        make()
    make()
    make()
    assert len(calls) == 2
    make.forget()
    make()
    assert len(calls) == 3
