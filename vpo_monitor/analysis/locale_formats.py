"""Number formats of the locales that browsers report, such as `de-DE` and `en-IN`.

Digits are always those used in English, because all other text is in English.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

_MOST_KEPT = 256
_LONGEST = 35
"""Maximum characters read of a locale name; the relevant parts of RFC 5646 fit."""
_NAME = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|\d{3}))?(-|\Z)",
    re.IGNORECASE | re.ASCII,
)
_GROUP_FROM_FIVE = frozenset({"bg", "es", "et", "hu", "it", "lv", "pl", "pt_PT", "sl"})
"""Locales that write 1234 but 12.345. Babel lacks this; browsers do it."""
_GROUPS_FROM_FOUR = "es_419"
"""Latin American Spanish, which inherits from a locale above but groups from four digits."""


@dataclass(frozen=True)
class NumberFormat:
    """The group and decimal separators of a locale.

    The last group has `last` digits, the others `others`. Digits are grouped only if the first
    group has at least `fewest` digits.
    """

    group: str = ","
    decimal: str = "."
    primary: int = 3
    secondary: int = 3
    minimum: int = 1

    def format(self, number: str) -> str:
        """Format an unsigned number, given as digits with at most one point."""
        whole, _, decimals = number.partition(".")
        if len(whole) >= self.primary + self.minimum:
            whole = self.group.join(self._groups(whole))
        return f"{whole}{self.decimal}{decimals}" if decimals else whole

    def _groups(self, digits: str) -> list[str]:
        rest = len(digits) - self.primary
        first = rest % self.secondary or self.secondary
        starts = [0, *range(first, rest, self.secondary), rest]
        return [digits[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


ENGLISH = NumberFormat()


def format_of(locale: str | None) -> NumberFormat:
    """Return the number format of a locale; English if it is missing or unknown.

    The name comes from the browser and is untrusted: it may have any length and form.
    """
    return _format_of((locale or "")[:_LONGEST])


@lru_cache(maxsize=_MOST_KEPT)
def _format_of(locale: str) -> NumberFormat:
    found = _NAME.match(locale)
    if found is None:
        return ENGLISH
    language, region = found["language"].lower(), (found["region"] or "").upper()
    if language == "en" and region in ("", "US", "GB"):
        return ENGLISH
    script = (found["script"] or "").title()
    return _known((language, script, region), (language, region), (language, script), (language,))


def _known(*names: tuple[str, ...]) -> NumberFormat:
    """Return the number format of the first of these locales that Babel knows.

    Babel is imported on first use, and asked only for existing locales, because it caches each
    name.
    """
    from babel import localedata  # noqa: PLC0415 - 50 ms and 5 MB, and English needs none

    has = frozenset(localedata.locale_identifiers())
    name = next((name for name in map("_".join, names) if name in has), None)
    return ENGLISH if name is None else _read(name)


@cache
def _read(name: str) -> NumberFormat:
    """Read the number format from Babel, then clear its cache, as all locales would take 210 MB."""
    from babel import Locale, localedata  # noqa: PLC0415 - as above

    try:
        locale = Locale.parse(name)
        signs = locale.number_symbols["latn"]
        last, others = locale.decimal_formats[None].grouping
        fewest = 2 if _is_grouped_from_five(name) else 1
        return NumberFormat(signs["group"], signs["decimal"], last, others, fewest)
    finally:
        localedata.clear_caches()


def _is_grouped_from_five(name: str) -> bool:
    for one in _with_parents(name):
        if one in _GROUP_FROM_FIVE or one == _GROUPS_FROM_FOUR:
            return one != _GROUPS_FROM_FOUR
    return False


def _with_parents(name: str) -> Iterator[str]:
    """Return a locale with the locales it inherits its separators from."""
    from babel.core import get_global  # noqa: PLC0415 - as above

    heirs = get_global("parent_exceptions")
    while name and name != "root":
        yield name
        name = heirs.get(name) or name.rpartition("_")[0]
