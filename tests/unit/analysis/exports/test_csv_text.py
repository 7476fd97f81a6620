"""CSV that a spreadsheet shows and does not execute, read back by the csv module."""

import csv
import io
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpo_monitor.analysis.exports.csv_text import csv_bytes, escape_formulas
from vpo_monitor.analysis.exports.table import Table, table_from_frame
from vpo_monitor.plain_text import plain

SIGNS = "=+-@＝＋－＠"
UNSEEN = ' \u00a0\u3000\u200b\u2060\ufeff"\x00\x0b\r'
ANY_SIGN = st.integers(0, 0x10FFFF).map(chr)


def read_back(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(table).decode("utf-8-sig"), newline="")))


def read_frame(frame: pd.DataFrame) -> list[list[str]]:
    return read_back(table_from_frame(frame))


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet might take the cell for a formula: an apostrophe forbids it."""
    return text.lstrip(UNSEEN).startswith(tuple(SIGNS)) or text.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\tx", "'\tx"),
        ("\nx", "'\nx"),
        ("\r=1", "'\n'=1"),
        ("\r\n=1", "'\n'=1"),
        ("  =1", "'  =1"),
        ("\ufeff=1", "'=1"),
        ("\u200b\u200b@1", "'@1"),
        ("\x00\x1f=1", "'=1"),
        ("\x1b[31m=1", "'=1"),
        ('"=1"', '\'"=1"'),
        ("'=1", "''=1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠1", "'＠1"),
        ("\u22125", "'\u22125"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        # Where semicolons or tabs are the separator, the cell ends within the text.
        ("a;=1", "a;'=1"),
        ('a"; =1', "a\";' =1"),
        ("a\n-b", "a\n'-b"),
        ("a\t@b", "a\t'@b"),
    ],
)
def test_a_text_that_could_be_a_formula_is_made_harmless(text: str, cell: str) -> None:
    assert read_back(Table((text,), ((text,),))) == [[cell], [cell]]


@pytest.mark.parametrize(
    "text", ['/srv/a "b", c.mkv', "映画\nnext", "a-b", "1=1", "", "a; b", "x\ty", "'", "❤️ - =", "٣"]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert read_back(Table(("Path", "Type"), ((text, "x"),))) == [["Path", "Type"], [text, "x"]]


def test_numbers_stay_numbers_also_negative_ones() -> None:
    frame = pd.DataFrame({"Saved": [-5, 7], "Share": [-5.25, 1e-9], "Few": [-0.5, None]})
    assert read_frame(frame)[1:] == [["-5", "-5.25", "-0.5"], ["7", "1e-09", ""]]


def test_what_is_not_known_is_an_empty_cell() -> None:
    frame = pd.DataFrame(
        {
            "Saved": pd.Series([None, -3], dtype="Int64"),
            "Time": pd.to_datetime(pd.Series(["2026-11-25T03:33:00+01:00", None]), utc=True)[::-1],
            "Share": [float("nan"), float("-inf")],
        }
    )
    assert read_frame(frame)[1:] == [["", "2026-11-25T02:33:00Z", ""], ["-3", "", ""]]


def test_half_a_surrogate_pair_and_nul_do_no_harm() -> None:
    assert read_back(Table(("a",), (("x\ud800y\x00z",),)))[1] == ["x?yz"]


@given(
    st.lists(
        st.tuples(
            st.text(alphabet=ANY_SIGN | st.sampled_from(SIGNS + UNSEEN + "';,\t\n")),
            st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=5,
    )
)
def test_whatever_stands_in_a_table_it_is_read_back_and_no_cell_is_a_formula(
    rows: list[tuple[str, float]],
) -> None:
    table = Table(("Text", "Number"), tuple(rows))
    header, *cells = read_back(table)
    assert header == ["Text", "Number"]
    assert [[escape_formulas(text), str(number)] for text, number in rows] == cells
    for (text, number), (cell, figure) in zip(rows, cells, strict=True):
        assert not begins_formula(cell)
        assert type(number)(figure) == number
        assert cell.replace("'", "") == plain(text).replace("'", "")


@given(st.text(alphabet=st.sampled_from("ab';\t\n" + SIGNS + UNSEEN)))
def test_no_formula_begins_where_another_separator_or_a_broken_line_ends_the_cell(
    text: str,
) -> None:
    written = csv_bytes(Table(("a",), ((1,), (text,)))).decode("utf-8-sig")
    for part in re.split("[;\t\r\n]", written):
        assert not begins_formula(part)


def test_the_file_begins_with_the_mark_by_which_spreadsheets_know_utf_8() -> None:
    assert csv_bytes(Table(("é",), ())).startswith(b"\xef\xbb\xbf")


def test_a_text_of_any_length_is_written_in_no_time() -> None:
    text = (" \t\n;" * 4 + " " * 1000) * 200
    assert escape_formulas(text)
