"""The text or regular expression that a viewer searches a log for."""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import re2

MAX_PATTERN = 500
_MEMORY = 256 << 10
"""Bytes; a pattern that needs more could take seconds for one long line."""


class InvalidPattern(ValueError):
    """The pattern is invalid, in a sentence for the viewer."""


MAX_SPANS = 100
"""Matches of one line that are highlighted."""


class _Match(Protocol):
    """What is used of a match."""

    def span(self) -> tuple[int, int]:
        """Return where it begins and ends."""


class _Compiled(Protocol):
    """What is used of a compiled pattern; the library has no public name for it."""

    def search(self, text: str) -> _Match | None:
        """Return the first match, if any."""

    def finditer(self, text: str) -> Iterator[_Match]:
        """Return all matches, one by one."""


@dataclass(frozen=True)
class LinePattern:
    """A text or regular expression, matched without regard to case.

    RE2 takes time proportional to the line for every expression, so that none can hang the app. It
    has no look-around and no back-references: https://github.com/google/re2/wiki/Syntax
    """

    text: str
    is_regex: bool = False

    def check(self) -> None:
        """Raise InvalidPattern if the pattern is invalid."""
        _compiled(self)

    def matches(self, line: str) -> bool:
        """Whether the line contains a match."""
        return _compiled(self).search(line) is not None

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Return where the line's matches begin and end: the first ones, and none that is empty."""
        found = (match.span() for match in _compiled(self).finditer(line))
        return list(itertools.islice(((a, b) for a, b in found if a < b), MAX_SPANS))


@functools.lru_cache(maxsize=64)
def _compiled(pattern: LinePattern) -> _Compiled:
    if len(pattern.text) > MAX_PATTERN:
        raise InvalidPattern(f"The pattern is longer than {MAX_PATTERN} characters.")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        source = pattern.text if pattern.is_regex else re2.escape(pattern.text)
        compiled: _Compiled = re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise InvalidPattern(f"Invalid regular expression: {said}.") from error
    return compiled
