"""Find the texts in a response body, and reduce HTML to its tags."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from vpo_monitor.recording.field_kinds import OWN_KEYS

A_TEXT = "lines"
"""The field assumed for a body that is not JSON: sentences."""


def fields_of(
    value: Any, field: str = A_TEXT, *, is_own: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield each text with its field; a body of plain text counts as sentences."""
    match value:
        case dict():
            is_own = is_own or field in OWN_KEYS
            for key, one in value.items():
                yield from fields_of(one, "" if is_own else key, is_own=is_own)
        case list():
            for one in value:
                yield from fields_of(one, field, is_own=is_own)
        case str():
            yield field, value


def texts_of(value: Any) -> Iterator[str]:
    """Yield all texts, including keys."""
    match value:
        case Mapping():
            for key, one in value.items():
                yield key
                yield from texts_of(one)
        case list():
            for one in value:
                yield from texts_of(one)
        case str():
            yield value


_TAG = re.compile(
    r"a|body|button|div|footer|form|h[1-6]|head|header|html|img|input|label|li|link|main"
    r"|meta|nav|p|script|section|span|style|table|td|th|title|tr|ul"
)


class _Tags(HTMLParser):
    """The tags of a page, without attributes, texts and comments."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Keep the name of the tag."""
        self._see(tag, f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        """Keep the name of the tag."""
        self._see(tag, f"</{tag}>")

    def _see(self, tag: str, written: str) -> None:
        if _TAG.fullmatch(tag):
            self.seen.append(written)


def tags_of(page: str) -> str:
    """Reduce an HTML page to its tags, as its texts may contain anything."""
    tags = _Tags()
    tags.feed(page)
    return "\n".join(["<!DOCTYPE html>", *tags.seen])
