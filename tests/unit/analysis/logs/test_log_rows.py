"""Lines as they stand on screen: their time, their level, and what is around a match."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from vpo_monitor.analysis.logs.log_rows import RowStyle, Timestamps, level, log_rows, rows_around
from vpo_monitor.analysis.zones import zone
from vpo_monitor.polling.line_pattern import LinePattern

LINE = "[2026-11-23T21:52:29.609764Z] frame=1"
START = datetime(2026, 11, 23, 20, 52, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timestamps", "text"),
    [
        (Timestamps.WRITTEN, LINE),
        (Timestamps.LOCAL, "2026-11-23 22:52:29 frame=1"),
        (Timestamps.ELAPSED, "+1:00:10 frame=1"),
        (Timestamps.HIDDEN, "frame=1"),
    ],
)
def test_a_time_is_shown_as_the_viewer_likes(timestamps: Timestamps, text: str) -> None:
    style = RowStyle(timestamps, ZoneInfo("Europe/Berlin"), START)
    assert log_rows([LINE], 7, style) == [(7, text, "", ())]


@pytest.mark.parametrize("timestamps", list(Timestamps))
@pytest.mark.parametrize(
    "line", ["no stamp", "", "[2026-13-99T99:99:99Z] x", "[0001-01-01T00:00:00Z] x", "[x] y"]
)
def test_what_is_no_time_is_left_as_it_is(timestamps: Timestamps, line: str) -> None:
    style = RowStyle(timestamps, ZoneInfo("America/Los_Angeles"), START)
    ((_, text, *_),) = log_rows([line], 1, style)
    assert text.endswith(line[-1:])


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("ERROR: track 3 has no language", "e"),
        ("Error while decoding stream #0:0", "e"),
        ("Invalid data found when processing input", "e"),
        ("JOB END: FAILED", "e"),
        ("Traceback (most recent call last):", "e"),
        ("10 errors", "e"),
        ("0 errors, 0 warnings", ""),
        ("no errors found", ""),
        ("errors: 0", ""),
        ("WARNING: non-monotonous DTS", "w"),
        ("terror in the title", ""),
        ("frame=1 fps=48", ""),
    ],
)
def test_the_level_is_found_in_the_text(line: str, mark: str) -> None:
    assert level(line) == mark


def test_matches_are_shown_with_the_lines_around_and_gaps_are_marked() -> None:
    lines = [(number, f"line {number}") for number in range(1, 30)]
    style = RowStyle(pattern=LinePattern(r"^line (5|6|20)$", is_regex=True))
    rows = rows_around(lines, [5, 6, 20], 1, style)
    assert [(number, marks) for number, _, marks, _ in rows] == [
        (4, ""),
        (5, "h"),
        (6, "h"),
        (7, ""),
        (19, "g"),
        (20, "h"),
        (21, ""),
    ]
    assert [row[0] for row in rows_around(lines, [5, 20], 0, style)] == [5, 20]


@pytest.mark.parametrize(
    ("line", "pattern", "spans"),
    [
        ("a needle, a NEEDLE", LinePattern("needle"), ((2, 8), (12, 18))),
        ("映画 🎬 needle", LinePattern("needle"), ((6, 12),)),  # browsers count 🎬 twice
        ("baa a", LinePattern("a*", is_regex=True), ((1, 3), (4, 5))),  # nothing empty
        ("frame=1", LinePattern("needle"), ()),
        ("a" * 1000, LinePattern("a"), tuple((n, n + 1) for n in range(100))),
    ],
)
def test_the_found_text_is_known(line: str, pattern: LinePattern, spans: object) -> None:
    ((_, _, marks, found),) = log_rows([line], 1, RowStyle(pattern=pattern))
    assert (found, "h" in marks) == (spans, bool(spans))


def test_found_text_is_where_it_is_shown() -> None:
    style = RowStyle(Timestamps.HIDDEN, pattern=LinePattern("frame"))
    assert log_rows([LINE], 1, style) == [(1, "frame=1", "h", ((0, 5),))]
    style = RowStyle(Timestamps.HIDDEN, pattern=LinePattern("2026"))
    assert log_rows([LINE], 1, style) == [(1, "frame=1", "h", ())]


def test_a_zone_that_is_not_known_is_utc() -> None:
    assert zone("Mars/Olympus") is UTC
    assert zone("../etc/passwd") is UTC
    assert zone(None) is UTC
