"""Numbers as a viewer reads them, with the signs of the locale of the viewer's browser.

Whoever writes a number for a page asks here, and need not know who the viewer is: that is known
while a page is drawn. Elsewhere, in threads that poll and in metrics, the signs are English.
"""

from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.insight.locale_formats import NumberFormat, format_of

_KILO = 1000
_MOST_PLACES = 6
"""Of a decimal that is told as precisely as it is known."""


@dataclass
class _Viewer:
    """Who is being drawn for, as far as numbers need to know."""

    locale: Callable[[], str | None]


_viewer = _Viewer(locale=lambda: None)


def set_locale_source(of_viewer: Callable[[], str | None]) -> None:
    """Have `of_viewer` asked whose locale it is, as a browser names it, with each number."""
    _viewer.locale = of_viewer


def viewer_format() -> NumberFormat:
    """The signs for the viewer who is being drawn for."""
    return format_of(_viewer.locale())


def count(value: int | None) -> str:
    """A count, with a dash where it is not known: unknown is not 0."""
    return "–" if value is None else _signed(value, str(abs(value)))


def change(value: int) -> str:
    """How much a count has grown, or shrunk: `+12`, `−3`."""
    return f"+{count(value)}" if value >= 0 else count(value)


def decimal(value: float, places: int | None = None) -> str:
    """A number with so many decimals, or with those that it has."""
    digits = f"{abs(value):.{_MOST_PLACES if places is None else places}f}"
    return _signed(value, digits.rstrip("0").rstrip(".") if places is None else digits)


def percent(value: float, places: int = 0) -> str:
    """A share in percent: `45.3 %`."""
    return f"{decimal(value, places)} %"


def size(value: float | None) -> str:
    """Bytes in decimal units, as disk makers and VPO's operators count: `57.3 MB`."""
    if value is None:
        return "–"
    unit, its_bytes = size_unit(abs(value))
    return f"{decimal(value / its_bytes, 0 if unit == 'B' else 1)} {unit}"


def size_unit(largest: float) -> tuple[str, int]:
    """The unit, and its bytes, in which sizes of up to `largest` bytes are told."""
    its_bytes = 1
    for unit in ("B", "kB", "MB", "GB"):
        if largest < _KILO * its_bytes:
            return unit, its_bytes
        its_bytes *= _KILO
    return "TB", its_bytes


def _signed(value: float, digits: str) -> str:
    return ("−" if value < 0 else "") + viewer_format().format(digits)
