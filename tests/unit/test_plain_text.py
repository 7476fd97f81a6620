import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile_text import HOSTILE, READABLE, Hostile
from vpo_monitor.plain_text import LONGEST_NAME, plain, plain_line

TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
HIDES = "\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff\ufff9\ufffa\ufffb\U000e0041"
# Of any text, much of what is rare in chance text.
texts = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=[]), max_size=5),
        st.sampled_from([one.text[:200] for one in HOSTILE] + list(HIDES)),
        st.sampled_from(
            ["\x1b", "\x1b[", "\x9b", "\x9d", "\x9c", "\x07", "\r", "\u0301", "\u200d"]
        ),
    ),
    max_size=8,
).map("".join)


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("\x1b[31mERROR\x1b[0m:\ta\x07\u202eb\n映画", "ERROR:\ta" + "b\n映画"),
        ("\x1b]8;;http://foreign.invalid\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;aGk=\x07copied", "copied"),
        ("\x1bP1$r0m\x1b\\device", "device"),
        ("\x9b31mred\x9b0m", "red"),
        ("\x9d8;;http://foreign.invalid\x9clink", "link"),
        ("a\x1b]8;;no end", "a8;;no end"),
        ("a\x9bName", "aName"),
        ("a\b\bb\x7f", "ab"),
        ("a\ud800b 🎬", "a?b 🎬"),
        ("a\u061cb\u200fc\u2066d\u2069", "abcd"),
        ("so\u00adft ze\u200bro\ufeff \u2060w", "soft zero w"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("\ufff9base\ufffaabove\ufffb", "baseabove"),
        ("a\u3164\uffa0b", "ab"),
        ("a\ufffe\ufdd0b", "ab"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("Z" + "\u0301" * 100 + "a", "Z" + "\u0301" * 6 + "a"),
        ("private \ue000 use", "private \ue000 use"),
        ("-\ufe0f\u200d", "-\ufe0f\u200d"),
    ],
)
def test_what_is_not_seen_is_taken_out(text: str, is_plain: str) -> None:
    assert plain(text) == is_plain


@pytest.mark.parametrize("one", READABLE, ids=lambda one: one.name)
def test_unusual_writing_and_emoji_stay_as_they_are(one: Hostile) -> None:
    assert plain(one.text) == one.text


@given(texts)
def test_plain_text_can_be_sent_and_holds_nothing_that_is_not_seen(text: str) -> None:
    found = plain(text)
    found.encode()
    assert not {unicodedata.category(sign) for sign in set(found) - set("\t\n")} & {"Cc", "Cs"}
    assert not {unicodedata.bidirectional(sign) for sign in found} & TURNS
    assert not set(HIDES) & set(found)


@given(texts)
def test_to_make_plain_text_plain_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert plain_line(plain_line(text, 40), 40) == plain_line(text, 40)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_stays_as_it_is(text: str) -> None:
    assert plain(text) == plain_line(text) == text


@given(texts, st.integers(1, 50))
def test_a_line_is_one_line_of_bounded_length(text: str, longest: int) -> None:
    line = plain_line(text, longest)
    assert len(line) <= longest
    assert len(line.splitlines()) <= 1


def test_breaks_in_a_line_are_spaces_and_those_at_its_ends_are_none() -> None:
    assert plain_line("\na\nb\u2028c\rd\r\n") == "a b c d"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert plain_line("x" * LONGEST_NAME, LONGEST_NAME) == "x" * LONGEST_NAME
    assert plain_line("x" * 300, LONGEST_NAME) == "x" * (LONGEST_NAME - 1) + "…"


@pytest.mark.parametrize(
    "part",
    ["\x1b", "\x1b[", "\x1b]", "\x1bP", "\x9b", "\x9b0", "\x9d", "\x90\x1b", "\r", "e\u0301"],
)
def test_no_text_takes_long(part: str) -> None:
    begin = time.process_time()
    plain(part * 30_000 + "é")
    assert time.process_time() - begin < 1
