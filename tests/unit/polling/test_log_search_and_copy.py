"""Work through a whole log: searching it and taking it along."""

import math
import random
import time
from pathlib import Path

import pytest

from tests.unit.log_server import JOB, LogServer, line, run
from vpo_monitor.polling import log_copy as copy_module
from vpo_monitor.polling.bulk import BulkRun
from vpo_monitor.polling.limits import Budget
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
from vpo_monitor.polling.poller import Poller


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
    begun = time.thread_time()
    LinePattern(text, is_regex=True).matches("a" * 20_000 + "!")
    assert time.thread_time() - begun < 1


@pytest.mark.parametrize("lines", [1, 999, 1000, 1001, 12_345])
def test_a_copy_is_the_whole_log(lines: int, tmp_path: Path) -> None:
    server = LogServer(tmp_path, lines)
    copy = run(log_copy(JOB, 0), server)
    assert copy.read().decode() == "".join(f"{text}\n" for text in server.all_lines())
    assert len(server.asked) == -(-lines // 1000)


def test_a_copy_of_a_log_that_became_shorter_says_how_far_it_goes(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 1500)
    copying = BulkRun(log_copy(JOB, 0))
    assert copying.request is not None
    copying.advance(copying.request.fetch(server))
    server.logs_kept.replace(JOB, [line(1)])
    copy = copying.advance(copying.request.fetch(server))
    assert copy is not None
    assert (copy.end, copy.is_short, copy.is_done) == (1000, True, True)


def test_a_copy_goes_on_with_what_was_added_and_with_its_last_line(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 2500)
    first = run(log_copy(JOB, 0), server)
    assert first.read().decode() == "".join(f"{text}\n" for text in server.all_lines())
    whole = [*server.all_lines()[:-1], "the last line is whole now", *map(line, range(2501, 2900))]
    server.logs_kept.replace(JOB, whole)
    asked = len(server.asked)
    copy = run(log_copy(JOB, 0), server, first)
    assert copy.read().decode() == "".join(f"{text}\n" for text in whole)
    assert server.asked[asked:] == [(1000, 2499)]


def test_viewers_of_a_growing_log_share_one_copy(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 3000)
    poller = Poller(server, Budget(100_000), start=lambda work: work(), patience=0.0)
    before = copy_module.bytes_in_all()
    texts = []
    for viewer in range(5):  # each sees a longer log than the one before
        server.write([line(3001 + viewer)])
        for _ in range(9):
            snapshot = poller.read(log_copy(JOB, 0), 0.0)
        assert snapshot.data is not None
        texts.append(snapshot.data.read())
    assert len(texts[-1].splitlines()) == 3005
    assert copy_module.bytes_in_all() - before == len(texts[-1])
    copy = poller.read(log_copy(JOB, 0), math.inf).data
    assert copy is not None
    assert copy.read() is copy.read()


def test_all_copies_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = LogServer(tmp_path, 9000)
    monkeypatch.setattr(
        copy_module, "MAX_BYTES_IN_ALL", copy_module.bytes_in_all() + 2_000 * len(line(1) + "0\n")
    )
    copies = [run(log_copy(JOB, epoch), server) for epoch in range(3)]
    assert all(copy.is_full for copy in copies)
    assert sum(copy.end for copy in copies) <= 6000
    assert copies[0].read().decode().splitlines()[-1] == line(copies[0].end)


def test_a_copy_of_a_very_large_log_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy_module, "MAX_BYTES", 50_000)
    copy = run(log_copy(JOB, 0), LogServer(tmp_path, 9000))
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
