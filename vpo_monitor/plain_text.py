"""Sanitize text from VPO, which is untrusted."""

import re

import re2

LONGEST_NAME = 255
"""Maximum characters of a name, as in file systems; a longer one would fill the page."""

# Sequences that begin with a single C1 character. One without parameters is more often text in
# another encoding than a sequence.
_EIGHT_BIT = re.compile(
    r"\x9b[0-?]+[ -/]*[@-~]|[\x90\x9d][^\x07\x1b\x90\x9c\x9d]*(?:\x07|\x9c|\x1b\\)"
)
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Kept although invisible, because text needs them: tab and newline, the joiners of emoji and of
# Persian and Indic words (200c, 200d), variation selectors, and private use, which shows as a box.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # change the direction of the following text
    r"\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # invisible, so different texts look equal
    r"\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters without a shape
    r"\ufff9-\ufffb\U000e0000-\U000e007f"  # hidden text next to or inside visible text
    r"\ufdd0-\ufdef\ufffe\uffff]"  # noncharacters
)
# Unlimited marks can stack up on one letter and cover the lines above; no script needs more.
_PILED_UP = re2.compile(r"([\p{Mn}\p{Me}\x{200c}\x{200d}]{6})[\p{Mn}\p{Me}\x{200c}\x{200d}]+")


def plain(text: str) -> str:
    """Remove terminal sequences, control and direction characters, and invisible characters.

    Invalid Unicode, such as an unpaired surrogate, becomes a question mark, and every kind of line
    break becomes a newline.
    """
    is_ascii = text.isascii()
    if is_ascii and text.isprintable():  # as most texts are
        return text
    if not is_ascii:
        text = _EIGHT_BIT.sub("", text.encode("utf-8", "replace").decode())
    if "\x1b" in text:
        from wcwidth import strip_sequences  # noqa: PLC0415 - 1.2 MB that few texts need

        text = strip_sequences(text)
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text))
    return text if is_ascii else _PILED_UP.sub(r"\1", text)


def plain_line(text: str, longest: int | None = None) -> str:
    """Sanitize the text and join it into one line.

    Text beyond `longest` characters is cut with an ellipsis.
    """
    line = plain(text).strip("\n").replace("\n", " ")
    return line if longest is None or len(line) <= longest else f"{line[: longest - 1]}…"
