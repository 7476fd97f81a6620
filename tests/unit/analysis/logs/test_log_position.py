"""Which lines one viewer sees, and what is asked for to show them."""

from pathlib import Path

import pytest

from tests.unit.log_server import JOB, LogServer, line
from vpo_monitor.analysis.logs.log_position import LineRange, LogPosition
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.line_pattern import LinePattern
from vpo_monitor.polling.log_tail import LogTail, log_tail
from vpo_monitor.polling.poller import Poller


class Viewer:
    """A page that reads a log of a server that answers at once."""

    def __init__(self, folder: Path, lines: int) -> None:
        self.now = 1000.0
        self.server = LogServer(folder, lines)
        self.poller = Poller(
            self.server, Budget(10_000), now=lambda: self.now, start=lambda work: work()
        )
        self.reading = LogPosition(JOB)

    def look(self) -> tuple[Reader, LogTail]:
        """Come back after 5 s."""
        self.now += 5
        reader = Reader(self.poller, PollingConfig(), ReaderMemory())
        for _ in range(3):  # an answer in steps
            tail = reader.read(log_tail(JOB), 5).data
        assert tail is not None
        self.reading.see(tail)
        return reader, tail

    def shown(self, size: int) -> LineRange:
        reader, tail = self.look()
        stretch = self.reading.visible_lines(reader, tail, size)
        assert stretch is not None
        return stretch


def texts(first: int, last: int) -> tuple[str, ...]:
    return tuple(line(number) for number in range(first, last + 1))


@pytest.mark.parametrize("size", [500, pytest.param(1000, marks=pytest.mark.long), 5000])
def test_the_newest_lines_are_as_many_as_asked_for_while_the_log_grows(
    size: int, tmp_path: Path
) -> None:
    viewer = Viewer(tmp_path, 12_000)
    last = 12_000
    for _ in range(80):
        assert viewer.shown(size) == LineRange(texts(last - size + 1, last), last - size + 1)
        viewer.server.write(texts(last + 1, last + 100))
        last += 100
    older = [asked for asked in viewer.server.asked if asked[1] < 11_500]
    assert len(older) == 1 + max(0, -(-(size - 500) // 1000))  # the opening, and each page once


def test_a_window_stays_where_it_is_while_the_log_grows(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 12_000)
    _, tail = viewer.look()
    viewer.reading.show(tail, 3000, 500)
    for _ in range(3):
        assert viewer.shown(500) == LineRange(texts(2750, 3249), 2750)
        viewer.server.write(["more"])
    viewer.reading.follow_end()
    assert viewer.shown(500).last == 12_003


def test_a_window_of_a_log_that_became_another_is_given_up(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 12_000)
    _, tail = viewer.look()
    viewer.reading.show(tail, 3000, 500)
    viewer.shown(500)
    viewer.server.logs_kept.replace(JOB, ["other"])
    assert not viewer.reading.is_reloaded
    assert viewer.shown(500) == LineRange(("other",), 1)
    assert viewer.reading.is_reloaded


def test_a_search_counts_each_line_once_while_the_log_grows(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 3000)
    pattern = LinePattern("line 29")
    last = 3000
    for _ in range(70):
        reader, tail = viewer.look()
        found = viewer.reading.search(reader, tail, pattern)
        viewer.server.write(texts(last + 1, last + 400))
        last += 400
    expected = [n for n in range(1, last - 399) if str(n).startswith("29")]
    assert list(found.matches) == expected
    assert found.is_done
    known = dict(found.lines)
    for number in expected:  # each with the lines around, across pages and growth
        around = range(max(1, number - 10), min(last - 400, number + 10) + 1)
        assert [known.get(near) for near in around] == [line(near) for near in around]


def test_a_search_begins_anew_where_lines_came_and_went_unseen(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 400)
    reader, tail = viewer.look()
    viewer.reading.search(reader, tail, LinePattern("line 4"))
    viewer.server.write(texts(401, 7000))
    for _ in range(9):
        reader, tail = viewer.look()  # nobody draws the search meanwhile
    for _ in range(9):
        reader, tail = viewer.look()
        found = viewer.reading.search(reader, tail, LinePattern("line 4"))
    assert list(found.matches) == [n for n in range(1, 7001) if str(n).startswith("4")]


def test_half_a_line_that_is_made_whole_is_found(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 5)
    viewer.server.logs_kept.replace(JOB, [*texts(1, 5), "[0000006] half ER"])
    reader, tail = viewer.look()
    assert viewer.reading.search(reader, tail, LinePattern("ERROR")).matches == ()
    viewer.server.logs_kept.replace(JOB, [*texts(1, 5), "[0000006] half ERROR"])
    reader, tail = viewer.look()
    assert viewer.reading.search(reader, tail, LinePattern("ERROR")).matches == (6,)


def test_a_window_that_the_server_has_not_got_whole_is_not_shown(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 3000)
    reader, tail = viewer.look()
    viewer.server.logs_kept.replace(JOB, list(texts(1, 600)))
    viewer.reading.show(tail, 700, 500)
    assert viewer.reading.visible_lines(reader, tail, 500) is None
    assert viewer.reading.is_incomplete


def test_a_search_of_what_is_at_hand_asks_for_nothing(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 400)
    reader, tail = viewer.look()
    asked = len(viewer.server.asked)
    found = viewer.reading.search(reader, tail, LinePattern("line 39"))
    assert (found.matches, found.is_done) == ((39, *range(390, 400)), True)
    assert len(viewer.server.asked) == asked


def test_a_search_that_was_stopped_keeps_what_it_found(tmp_path: Path) -> None:
    viewer = Viewer(tmp_path, 3000)
    reader, tail = viewer.look()
    viewer.reading.search(reader, tail, LinePattern("line 300"))
    viewer.reading.stop_search()
    asked = len(viewer.server.asked)
    for _ in range(3):
        reader, tail = viewer.look()
        assert viewer.reading.search(reader, tail, LinePattern("line 300")).matches[-1] == 3000
    assert len(viewer.server.asked) == asked + 3  # looks at the log itself


def test_a_screen_holds_no_more_than_a_megabyte() -> None:
    stretch = LineRange(("x" * 20_000,) * 100, 1).bounded(500)
    assert len(stretch.lines) == 50
    assert (stretch.first, stretch.last) == (51, 100)
