"""Text from VPO is hostile until it has passed through here."""

import re

import re2
from wcwidth import strip_sequences

LONGEST_NAME = 255
"""Characters; no file system takes a longer name, so one that is longer is cut where it would fill
a page."""

# Sequences that begin with a single C1 character; one without parameters is mistaken for text in
# another encoding more often than it is a sequence.
_EIGHT_BIT = re.compile(
    r"\x9b[0-?]+[ -/]*[@-~]|[\x90\x9d][^\x07\x1b\x90\x9c\x9d]*(?:\x07|\x9c|\x1b\\)"
)
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Kept of what is not seen itself, as writing needs it: tab and newline, the joiners of emoji and of
# Persian and Indic words (200c, 200d), variation selectors, and private use, which shows as a box.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # these turn the direction of what follows
    r"\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # two texts that differ in these look the same
    r"\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters without a shape
    r"\ufff9-\ufffb\U000e0000-\U000e007f"  # a second text, beside or within what is seen
    r"\ufdd0-\ufdef\ufffe\uffff]"  # not characters at all
)
# Marks pile up without limit over one letter, and over the lines above; no script needs more.
_PILED_UP = re2.compile(r"([\p{Mn}\p{Me}\x{200c}\x{200d}]{6})[\p{Mn}\p{Me}\x{200c}\x{200d}]+")


def plain(text: str) -> str:
    """Text without terminal sequences, control and direction characters and what hides in it.

    What is not Unicode at all, as half of a surrogate pair, becomes a question mark, and every
    kind of line break a newline.
    """
    is_ascii = text.isascii()
    if not is_ascii:
        text = _EIGHT_BIT.sub("", text.encode("utf-8", "replace").decode())
    if "\x1b" in text:
        text = strip_sequences(text)
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text))
    return text if is_ascii else _PILED_UP.sub(r"\1", text)


def plain_line(text: str, longest: int | None = None) -> str:
    """The same as one line: a break within becomes a space.

    Where it is longer than `longest` characters, an ellipsis stands for the rest.
    """
    line = plain(text).strip("\n").replace("\n", " ")
    return line if longest is None or len(line) <= longest else f"{line[: longest - 1]}…"
