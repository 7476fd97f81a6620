"""The signs with which a locale writes numbers, as browsers name locales: `de-DE`, `en-IN`.

Digits are those that English is written with, whatever the locale, as all other text is English.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

_MOST_KEPT = 256
_LONGEST = 35
"""Characters of a name that are looked at; RFC 5646 has all that matters within them."""
_NAME = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[a-z]{4}))?(-(?P<region>[a-z]{2}|\d{3}))?(-|\Z)",
    re.IGNORECASE | re.ASCII,
)
_GROUP_FROM_FIVE = frozenset({"bg", "es", "et", "hu", "it", "lv", "pl", "pt_PT", "sl"})
"""Locales that write 1234 and 12.345. Babel does not say so; browsers do."""
_GROUPS_FROM_FOUR = "es_419"
"""Spanish as in Latin America, an heir of one of these that does not."""


@dataclass(frozen=True)
class NumberFormat:
    """What stands between groups of digits and before decimals.

    The last group has `last` digits, the others `others`; a number has groups where its first one
    would have `fewest` digits or more.
    """

    group: str = ","
    decimal: str = "."
    primary: int = 3
    secondary: int = 3
    minimum: int = 1

    def format(self, number: str) -> str:
        """A number of plain digits, with a point at most and no sign, as the locale writes it."""
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
    """The signs of a locale; those of English where it is none, or not known.

    What a browser says is not to be trusted: it can be of any length and form.
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
    """The signs of the first of these that Babel knows.

    It is not loaded before somebody needs it, and asked for what it has only, as it remembers each
    name that it was asked for.
    """
    from babel import localedata  # noqa: PLC0415 - 50 ms and 5 MB, and English needs none

    has = frozenset(localedata.locale_identifiers())
    name = next((name for name in map("_".join, names) if name in has), None)
    return ENGLISH if name is None else _read(name)


@cache
def _read(name: str) -> NumberFormat:
    """The signs as Babel has them; what it has read is let go of, as all its data takes 210 MB."""
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
    """A locale, and those that it has its signs from."""
    from babel.core import get_global  # noqa: PLC0415 - as above

    heirs = get_global("parent_exceptions")
    while name and name != "root":
        yield name
        name = heirs.get(name) or name.rpartition("_")[0]
