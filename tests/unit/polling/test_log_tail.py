"""Following a log: nothing lost, nothing twice, whatever happens to the file at the server."""

import random
from pathlib import Path

import pytest

from tests.unit.log_server import JOB, LogServer, line, run, step
from tests.vpo_server import READ_WHOLE_BYTES, LogWriter
from vpo_monitor.api.models import LogLines
from vpo_monitor.polling import log_tail as tail_module
from vpo_monitor.polling.log_tail import (
    CHANGED,
    JUMPED,
    MAX_CHARACTERS,
    MAX_LINE,
    MAX_LINES,
    SHRANK,
    LogTail,
    log_tail,
)

QUERY = log_tail(JOB)


@pytest.mark.parametrize(
    ("lines", "shown", "requests"),
    [(0, 0, 1), (1, 1, 1), (499, 499, 1), (500, 500, 1), (501, 500, 2), (12_000, 500, 2)],
)
def test_a_log_opens_at_its_end(lines: int, shown: int, requests: int, tmp_path: Path) -> None:
    server = LogServer(tmp_path, lines)
    tail = run(QUERY, server)
    assert tail.lines == tuple(server.all_lines()[lines - shown :])
    assert (tail.start, tail.end, tail.total_lines) == (lines - shown, lines, lines)
    assert len(server.asked) == requests


@pytest.mark.long
def test_a_million_lines_open_as_a_thousand_do(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 1_000_000)
    tail = run(QUERY, server)
    assert (tail.lines[-1], len(tail.lines), tail.end) == (line(1_000_000), 500, 1_000_000)
    assert len(server.asked) == 2


def test_only_new_lines_are_asked_for_and_the_last_one_to_join_them(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 600)
    tail = run(QUERY, server)
    server.write(["new"])
    assert run(QUERY, server, tail).lines[-2:] == (line(600), "new")
    assert server.asked[-1] == (1000, 599)


def test_a_quiet_look_costs_one_request_and_changes_nothing(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 600)
    tail = run(QUERY, server)
    asked = len(server.asked)
    assert run(QUERY, server, tail) == tail
    assert len(server.asked) == asked + 1


def test_a_burst_is_read_to_its_end(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 100)
    tail = run(QUERY, server)
    server.write(f"more {number}" for number in range(4000))
    tail = run(QUERY, server, tail)
    assert tail.lines == tuple(server.all_lines())
    assert tail.resynced is None


def test_a_burst_that_cannot_be_shown_is_skipped_to_its_end_and_said(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 100)
    tail = run(QUERY, server)
    server.write(f"more {number}" for number in range(20_000))
    tail = run(QUERY, server, tail)
    assert tail.lines == tuple(server.all_lines()[-500:])
    assert (tail.epoch, tail.resynced) == (1, JUMPED)


def test_a_log_that_shrank_is_read_anew_and_said(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 700)
    tail = run(QUERY, server)
    server.logs_kept.replace(JOB, ["another", "log"])
    tail = run(QUERY, server, tail)
    assert (tail.lines, tail.epoch, tail.resynced) == (("another", "log"), 1, SHRANK)


def test_until_the_new_lines_are_there_the_old_ones_stay_what_they_were(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 700)
    tail = run(QUERY, server)
    server.logs_kept.replace(JOB, ["another", "log"])
    half_way = step(QUERY, server, tail)
    assert not half_way.is_complete
    assert (half_way.lines, half_way.end, half_way.epoch) == (tail.lines, 700, 0)
    assert step(QUERY, server, half_way).epoch == 1


def test_a_log_that_was_replaced_by_a_longer_one_is_read_anew_and_said(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 700)
    tail = run(QUERY, server)
    server.logs_kept.replace(JOB, [f"other {number}" for number in range(900)])
    tail = run(QUERY, server, tail)
    assert tail.lines == tuple(server.all_lines()[-500:])
    assert (tail.epoch, tail.resynced) == (1, CHANGED)


def test_a_log_that_went_leaves_what_was_read_and_says_so(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 20)
    tail = run(QUERY, server)
    server.logs_kept.delete(JOB)
    for _ in range(2):
        tail = run(QUERY, server, tail)
        assert (tail.lines[-1], tail.is_gone) == (line(20), True)
    server.write(["back"])
    tail = run(QUERY, server, tail)
    assert (tail.lines, tail.is_gone, tail.epoch) == (("back",), False, 1)


def test_a_log_that_is_back_as_it_was_goes_on(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 20)
    before = server.all_lines()
    tail = run(QUERY, server)
    server.logs_kept.delete(JOB)
    tail = run(QUERY, server, tail)
    assert tail.is_gone
    server.logs_kept.replace(JOB, [*before, "new"])
    tail = run(QUERY, server, tail)
    assert (tail.lines, tail.is_gone, tail.epoch) == ((*before, "new"), False, 0)


def test_a_log_that_is_compressed_stays_the_same(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 700)
    tail = run(QUERY, server)
    server.logs_kept.compress(JOB)
    assert run(QUERY, server, tail) == tail


@pytest.mark.parametrize("new_lines", [2, 60])  # fewer than the numbers shift by, and more
def test_numbers_that_shift_above_10_mb_are_noticed(new_lines: int, tmp_path: Path) -> None:
    server = LogServer(tmp_path)
    server.write(["form\x0cfeed"] * 20)
    filler = "x" * 999
    server.write([filler] * ((READ_WHOLE_BYTES - 20_000) // 1000))
    server.write([f"before {number}" for number in range(600)])
    tail = run(QUERY, server)
    server.write([f"after {number} {'y' * 1000}" for number in range(new_lines)])
    server.write(["z" * 30_000])
    tail = run(QUERY, server, tail)
    assert tail.epoch == 1
    assert tail.lines[-2].startswith(f"after {new_lines - 1}")
    assert tail.end == tail.total_lines


def test_half_a_line_is_made_whole(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 3)
    path = next(tmp_path.glob("*.log"))
    with path.open("a") as file:
        file.write("half")
    tail = run(QUERY, server)
    assert tail.lines[-1] == "half"
    with path.open("a") as file:
        file.write(" and half\nnext\n")
    tail = run(QUERY, server, tail)
    assert tail.lines[-3:] == (line(3), "half and half", "next")
    assert (tail.epoch, tail.end) == (0, 5)


@pytest.mark.parametrize(
    ("half", "whole"), [("caf\ufffd", "café"), ("[3", "red"), ("x" * 9000,) * 2]
)
def test_half_a_line_cut_through_a_letter_is_the_same_line(
    half: str, whole: str, tmp_path: Path
) -> None:
    server, stamp = LogServer(tmp_path, 3), "[2026-11-23T21:52:29.609764Z] "
    server.logs_kept.replace(JOB, [*map(line, range(1, 4)), stamp + half])
    tail = run(QUERY, server)
    server.logs_kept.replace(JOB, [*map(line, range(1, 4)), stamp + whole + "!", "next"])
    tail = run(QUERY, server, tail)
    assert tail.lines[-2:] == (f"{stamp}{whole}!", "next")
    assert tail.epoch == 0


def test_the_buffer_of_a_running_job_brings_each_line_once(tmp_path: Path) -> None:
    server, chance = LogServer(tmp_path), random.Random(5)
    writer = LogWriter(server.logs_kept, JOB)
    tail, written = run(QUERY, server), 0
    seen: list[str] = []
    for _ in range(100):
        count = chance.randrange(60)
        writer.write([f"text {number}" for number in range(written, written + count)])
        written += count
        before = tail.end
        tail = run(QUERY, server, tail)
        seen += tail.lines[before - tail.start :]
    writer.close()
    before = tail.end
    tail = run(QUERY, server, tail)
    seen += tail.lines[before - tail.start :]
    assert seen == [f"text {number}" for number in range(written)]


TEXTS = ("", "same", "tab\there", "映画 🎬", "form\x0cfeed")


def change(server: LogServer, number: int, chance: random.Random) -> None:
    """What can happen to a log between two looks: mostly that a job writes lines."""
    more = [f"[{number}] begin", *chance.choices(TEXTS, k=chance.randrange(9))]
    match chance.choice(("write",) * 9 + ("many", "replace", "delete", "compress")):
        case "write":
            server.write(more)
        case "many":
            server.write(f"[{number}] burst {line}" for line in range(chance.randint(900, 2500)))
        case "replace":
            server.logs_kept.replace(JOB, more)
        case "delete":
            server.logs_kept.delete(JOB)
        case "compress":
            server.logs_kept.compress(JOB)


@pytest.mark.parametrize("seed", range(8))
def test_after_any_100_changes_the_tail_is_the_end_of_the_log(seed: int, tmp_path: Path) -> None:
    server, chance = LogServer(tmp_path), random.Random(seed)
    tail: LogTail | None = None
    for number in range(100):
        change(server, number, chance)
        before, tail = tail, run(QUERY, server, tail)
        there = server.all_lines()
        if not there:
            assert tail.is_gone or not tail.lines
            continue
        assert tail.end == len(there)
        assert tail.lines == tail_module.shown_lines(there[tail.start :])
        if before is not None and before.epoch == tail.epoch:
            assert tail.start <= before.end  # no line in between was missed


def test_lines_that_are_promised_and_never_sent_are_not_asked_for_for_ever(tmp_path: Path) -> None:
    class Liar(LogServer):
        def logs(
            self, job_id: str, *, lines: int | None = None, offset: int | None = None
        ) -> LogLines:
            self.asked.append((lines or 0, offset or 0))
            return LogLines(job_id=job_id, total_lines=9000)

    server = Liar(tmp_path)
    assert run(QUERY, server).lines == ()
    assert len(server.asked) == 2


def test_what_is_kept_is_bounded_however_long_it_runs(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 100)
    tail = run(QUERY, server)
    for _ in range(20):
        server.write("x" * 100 for _ in range(900))
        tail = run(QUERY, server, tail)
    assert len(tail.lines) == MAX_LINES
    for _ in range(20):
        server.write("y" * 4000 for _ in range(100))
        tail = run(QUERY, server, tail)
    assert sum(map(len, tail.lines)) <= MAX_CHARACTERS
    assert tail.end == len(server.all_lines())


def test_a_line_of_a_megabyte_is_cut_and_asked_for_once(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 3)
    server.write(["x" * 1_000_000])
    tail = run(QUERY, server)
    assert len(tail.lines[-1]) < MAX_LINE + 50
    assert tail.lines[-1].endswith("980,000 more characters")
    run(QUERY, server, tail)
    assert server.asked[-1] == (1000, 4)


def test_lines_are_plain_text(tmp_path: Path) -> None:
    server = LogServer(tmp_path)
    server.write(["\x1b[31mred\x1b[0m\ttab \u202eback \x07bell"])
    assert run(QUERY, server).lines == ("red\ttab back bell",)
    assert tail_module.shown_lines(["half a pair \ud800", "a\u2028b"]) == ("half a pair ?", "a b")


@pytest.mark.parametrize("total", [0, 3, 10**18])
def test_a_total_that_cannot_be_is_not_believed(total: int, tmp_path: Path) -> None:
    class Liar(LogServer):
        def logs(self, *given: object, **named: object) -> LogLines:
            return super().logs(*given, **named).model_copy(update={"total_lines": total})  # type: ignore[arg-type]

    server = Liar(tmp_path, 1200)
    tail = run(QUERY, server)
    assert tail.lines == tuple(server.all_lines())
    server.write(["one more"])
    assert run(QUERY, server, tail).lines == tuple(server.all_lines())
    assert len(server.asked) < 6


def stamped(number: int, text: str = "") -> str:
    return f"[2026-11-23T21:52:{number % 60:02}.609764Z] {text}"


@pytest.mark.parametrize(
    ("last", "again"),
    [
        (["plain"] * 30, 20),
        ([stamped(1), *["plain"] * 4], 5),
        ([stamped(1), *["plain"] * 19], 20),
        ([stamped(1), stamped(2)], 1),
        (["x" * 900] * 5, 2),
        (["x" * 2000], 1),
        (["x" * 1000] * 5, 2),
        (["x" * 1001] * 5, 1),
        (["x" * MAX_LINE], 1),
        (["x" * (MAX_LINE + 1)], 0),
        (["x" * (MAX_LINE + 1), "short"], 1),
    ],
)
def test_the_next_request_begins_with_as_many_lines_as_tell_the_log_from_another(
    last: list[str], again: int, tmp_path: Path
) -> None:
    server = LogServer(tmp_path, 30)
    server.write(last)
    tail = run(QUERY, server)
    server.write(["new"])
    tail = run(QUERY, server, tail)
    assert server.asked[-1] == (1000, 30 + len(last) - again)
    assert (tail.lines[-1], tail.epoch) == ("new", 0)


@pytest.mark.parametrize(
    ("seen", "now", "is_same"),
    [
        ("ha", "half", True),
        ("ha", "hb", False),
        ("x" * 40 + "a", "x" * 40 + "b", False),
        (stamped(1, "ha"), stamped(1, "half"), True),
        (stamped(1, "caf\ufffd"), stamped(1, "café"), True),
        (stamped(1, "half"), stamped(2, "half"), False),
        ("[31", "[31 half", True),
        ("[31", "[32 half", False),
        ("", "whole", False),
    ],
)
def test_a_last_line_that_changed_is_the_same_if_it_began_like_that(
    seen: str, now: str, *, is_same: bool, tmp_path: Path
) -> None:
    server = LogServer(tmp_path)
    server.logs_kept.replace(JOB, ["first", seen])
    tail = run(QUERY, server)
    server.logs_kept.replace(JOB, ["first", now, "next"])
    tail = run(QUERY, server, tail)
    assert tail.lines == ("first", now, "next")
    assert (tail.epoch, tail.resynced) == ((0, None) if is_same else (1, CHANGED))


@pytest.mark.parametrize(("new", "resynced"), [(6000, None), (6001, JUMPED)])
def test_a_burst_is_read_whole_if_it_fits(new: int, resynced: str | None, tmp_path: Path) -> None:
    server = LogServer(tmp_path, 100)
    tail = run(QUERY, server)
    server.write(f"more {number}" for number in range(new - 1))
    tail = run(QUERY, server, tail)
    assert tail.resynced == resynced
    assert (tail.end, tail.total_lines) == (99 + new, 99 + new)
    assert tail.lines[-1] == f"more {new - 2}"


def test_a_step_on_the_way_says_where_the_next_one_begins(tmp_path: Path) -> None:
    server = LogServer(tmp_path, 1200)
    opening = step(QUERY, server, None)
    assert opening == LogTail(reopen_at=700, is_complete=False)
    tail = step(QUERY, server, opening)
    assert server.asked == [(500, 0), (1000, 700)]
    assert tail == LogTail(tuple(server.all_lines()[700:]), end=1200, total_lines=1200)
    server.write(f"more {number}" for number in range(1500))
    middle = step(QUERY, server, tail)
    assert (middle.end, middle.total_lines, middle.is_complete) == (2199, 2700, False)
    last = step(QUERY, server, middle)
    assert (last.end, last.total_lines, last.is_complete) == (2700, 2700, True)
    server.logs_kept.replace(JOB, [f"other {number}" for number in range(600)])
    shrunk = step(QUERY, server, last)
    assert (shrunk.resynced, shrunk.reopen_at, shrunk.is_complete) == (SHRANK, 100, False)
    assert (shrunk.lines, shrunk.end, shrunk.epoch) == (last.lines, 2700, 0)
    # Whatever it has become since, one request has to do: it could be another one at each step.
    server.write(f"others {number}" for number in range(2000))
    anew = step(QUERY, server, shrunk)
    assert (anew.start, anew.end, anew.epoch, anew.is_complete) == (100, 1100, 1, True)


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ([10] * 6, 5),
        ([MAX_CHARACTERS // 2] * 3, 2),
        ([MAX_CHARACTERS // 2, MAX_CHARACTERS // 2 + 1], 1),
        ([MAX_CHARACTERS + 1], 1),
        ([], 0),
    ],
)
def test_the_last_lines_are_kept_as_far_as_they_fit(lengths: list[int], kept: int) -> None:
    lines = tuple("x" * length for length in lengths)
    assert tail_module.last_lines(lines, 5) == lines[len(lines) - kept :]


def test_what_is_cut_from_a_line_is_counted() -> None:
    assert tail_module.shown_lines(["x" * 5, "x" * 6, "x" * 2006], 5) == (
        "xxxxx",
        "xxxxx … 1 more characters",
        "xxxxx … 2,001 more characters",
    )
