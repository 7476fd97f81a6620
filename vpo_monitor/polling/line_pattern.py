"""The text or regular expression that a viewer searches a log for."""

import functools
from dataclasses import dataclass
from typing import Protocol

import re2

MAX_PATTERN = 500
_MEMORY = 256 << 10
"""Bytes; a pattern that needs more could take seconds for one long line."""


class InvalidPattern(ValueError):
    """The pattern is invalid, in a sentence for the viewer."""


class _Compiled(Protocol):
    """What is used of a compiled pattern; the library has no public name for it."""

    def search(self, text: str) -> object | None:
        """Return the first match, if any."""


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
