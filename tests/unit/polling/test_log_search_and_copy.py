"""Work through a whole log: searching it and taking it along."""

import random
import time
from pathlib import Path

import pytest

from tests.unit.log_server import JOB, LogServer, line, run
from vpo_monitor.polling import log_copy as copy_module
from vpo_monitor.polling.bulk import BulkRun
from vpo_monitor.polling.line_pattern import MAX_PATTERN, InvalidPattern, LinePattern
from vpo_monitor.polling.log_copy import log_copy
from vpo_monitor.polling.log_page import log_pages
from vpo_monitor.polling.log_search import (
    MAX_MATCHES,
    MAX_SECONDS,
    TOO_MUCH,
    TOO_SLOW,
    log_search,
    search_lines,
)


@pytest.mark.parametrize("lines", [1, 499, 980, 981, 1000, 12_345])
def test_a_search_finds_each_match_once_with_the_lines_around(lines: int, tmp_path: Path) -> None:
    server = LogServer(tmp_path, lines)
    found = run(log_search(JOB, LinePattern("line 9"), lines, 0), server)
    expected = [number for number in range(1, lines + 1) if str(number).startswith("9")]
    assert found.matches == tuple(expected)
    known = dict(found.lines)
    for number in expected:
        for near in range(max(1, number - 10), min(lines, number + 10) + 1):
            assert known[near] == line(near)


def test_a_search_goes_from_the_newest_line_to_the_first(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 5000)
    search = BulkRun(log_search(JOB, LinePattern("line"), 5000, 0))
    assert search.request is not None
    found = search.advance(search.request.fetch(server))
    assert found is not None
    assert (found.searched_from, found.matches[-1]) == (4020, 5000)
    assert not found.is_done


def test_a_search_ends_when_it_has_found_too_much(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 20_000)
    found = run(log_search(JOB, LinePattern("line"), 20_000, 0), server)
    assert found.ended_early == TOO_MUCH
    assert len(found.matches) < MAX_MATCHES + 1000


def test_a_search_of_a_log_that_has_become_shorter_ends(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 100)
    assert run(log_search(JOB, LinePattern("line 9"), 9000, 0), server).is_done


def test_a_search_that_takes_too_long_ends_and_says_so() -> None:
    clock = iter(range(100))
    found = search_lines(
        ["a"] * 50, 1, LinePattern("a"), 1, 50, now=lambda: next(clock) * MAX_SECONDS / 3
    )
    assert (found.matches, found.ended_early) == ((), TOO_SLOW)


def test_capital_letters_do_not_matter_and_signs_are_taken_as_they_are() -> None:
    assert LinePattern("error (1.0)").matches("ERROR (1.0): no")
    assert not LinePattern("1.0").matches("1x0")
    assert LinePattern(r"frame=\s*\d+", is_regex=True).matches("frame=  12")


@pytest.mark.parametrize(
    "text",
    [
        "(",
        "(?=x)",
        r"(a)\1",
        "a" * (MAX_PATTERN + 1),
        "x{9999}",
        "|".join(f"[a-{c}].{{400}}Z" for c in "hijklmnopqr"),
    ],
)
def test_what_cannot_be_looked_for_is_said(text: str) -> None:
    with pytest.raises(InvalidPattern, match=r"\.$"):
        LinePattern(text, is_regex=True).check()


@pytest.mark.parametrize("text", ["(a*)*b", "(a+)+$", "(a|aa)+$", "(.*a){20}", "(a?){30}a{30}x"])
def test_no_pattern_hangs(text: str) -> None:
    begun = time.monotonic()
    LinePattern(text, is_regex=True).matches("a" * 20_000 + "!")
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("lines", [1, 999, 1000, 1001, 12_345])
def test_a_copy_is_the_whole_log(lines: int, tmp_path: Path) -> None:
    server = LogServer(tmp_path, lines)
    copy = run(log_copy(JOB, lines, 0), server)
    assert copy.read().decode() == "".join(f"{text}\n" for text in server.all_lines())
    assert len(server.asked) == -(-lines // 1000)


def test_a_copy_of_a_log_that_became_shorter_says_how_far_it_goes(tmp_path: Path) -> None:
    copy = run(log_copy(JOB, 12_000, 0), LogServer(tmp_path, 1500))
    assert (copy.end, copy.is_short, copy.is_done) == (1500, True, True)


def test_a_copy_of_a_very_large_log_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_module, "MAX_BYTES", 50_000)
    copy = run(log_copy(JOB, 9000, 0), LogServer(tmp_path, 9000))
    assert copy.is_full
    assert copy.end < 9000
    assert copy.read().decode().splitlines()[-1] == line(copy.end)


def test_pages_join_to_the_lines_that_were_asked_for(tmp_path: Path) -> None:
    server, chance = LogServer(tmp_path, 5000), random.Random(3)
    for _ in range(20):
        start = chance.randrange(4900)
        end = chance.randint(start + 1, 5000)
        pages = [run(page, server) for page in log_pages(JOB, start, end, 0)]
        joined = [text for page in pages for text in page.lines]
        assert joined == [line(number) for number in range(start + 1, end + 1)]
