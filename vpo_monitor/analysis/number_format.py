"""Format numbers for the viewer, with the separators of the browser's locale.

While a page is rendered, the viewer's locale is known, so callers need not pass it. In other
threads, such as polling and metrics, numbers are in English format.
"""

from contextvars import ContextVar

from vpo_monitor.analysis.locale_formats import NumberFormat, format_of

_KILO = 1000
_MOST_PLACES = 6
"""Maximum decimals of a number shown at full precision."""


_locale: ContextVar[str | None] = ContextVar("locale", default=None)


def set_locale(of_viewer: str | None) -> None:
    """Write numbers as this locale does, as a browser names it, for the rest of this run."""
    _locale.set(of_viewer)


def viewer_format() -> NumberFormat:
    """Return the number format of the current viewer."""
    return format_of(_locale.get())


def count(value: int | None) -> str:
    """Format a count; a dash if it is unknown, because unknown is not 0."""
    return "–" if value is None else _signed(value, str(abs(value)))


def change(value: int) -> str:
    """Format a difference of counts: `+12`, `−3`."""
    return f"+{count(value)}" if value >= 0 else count(value)


def decimal(value: float, places: int | None = None) -> str:
    """Format a number with this many decimals, or as many as it has."""
    digits = f"{abs(value):.{_MOST_PLACES if places is None else places}f}"
    return _signed(value, digits.rstrip("0").rstrip(".") if places is None else digits)


def percent(value: float, places: int = 0) -> str:
    """Format a percentage: `45.3 %`."""
    return f"{decimal(value, places)} %"


def size(value: float | None) -> str:
    """Format bytes in decimal units, as disk vendors do: `57.3 MB`."""
    if value is None:
        return "–"
    unit, its_bytes = size_unit(abs(value))
    return f"{decimal(value / its_bytes, 0 if unit == 'B' else 1)} {unit}"


def size_unit(largest: float) -> tuple[str, int]:
    """Return the unit, with its bytes, for sizes up to `largest` bytes.

    It has less than 1,000 of that unit after rounding to one decimal; bytes have none.
    """
    its_bytes = 1
    for unit in ("B", "kB", "MB", "GB"):
        if round(largest / its_bytes, 0 if unit == "B" else 1) < _KILO:
            return unit, its_bytes
        its_bytes *= _KILO
    return "TB", its_bytes


def _signed(value: float, digits: str) -> str:
    return ("−" if value < 0 else "") + viewer_format().format(digits)
