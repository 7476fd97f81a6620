"""Text from VPO is hostile until it has passed through here."""

import re

from wcwidth import strip_sequences

# C0 and C1 control characters and the bidirectional overrides; tab and newline stay.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_BREAKS = re.compile(r"[\n\u2028\u2029]")


def plain(text: str) -> str:
    """Text without terminal escape sequences, control characters and direction overrides.

    What is not Unicode at all, as half of a surrogate pair, becomes a question mark.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return _UNSEEN.sub("", strip_sequences(text) if "\x1b" in text else text)


def plain_line(text: str) -> str:
    """The same as one line: a break within becomes a space."""
    return _LINE_BREAKS.sub(" ", plain(text))
