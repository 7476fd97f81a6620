"""Tolerant field types: whatever stands in an answer becomes a value of one type or None.

The server's own source warns that its lists may grow, and older servers send other types for the
same field, so a field that cannot be read costs that field and nothing else.
"""

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_BEYOND_64_BITS = 2.0**63
_YEARS = range(1970, 2200)
"""No job was ever created in another: such a time is a mistake, and no calendar can add to it."""
LONGEST_NAME = 200
LONGEST_TEXT = 4096
"""Characters that are kept of a text; no path that a file can have is longer."""
LONGEST_ERROR = 100_000


def _whole_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None


def _text(value: Any, longest: int = LONGEST_TEXT) -> str | None:
    text = _whole_text(value)
    return text if text is None or len(text) <= longest else f"{text[: longest - 1]}…"


def _long_text(value: Any) -> str | None:
    return _text(value, LONGEST_ERROR)


def _required_text(value: Any) -> str:
    return _text(value) or ""


def _required_name(value: Any) -> str:
    return _text(value, LONGEST_NAME) or ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    # What no 64 bits hold is no measure of anything, and tables and databases could not hold it.
    return number if math.isfinite(number) and abs(number) < _BEYOND_64_BITS else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _share(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def _tally(value: Any) -> int | None:
    count = _count(value)
    return count if count is not None and count >= 0 else None


def _count_or_zero(value: Any) -> int:
    return _tally(value) or 0


def _flag(value: Any) -> bool:
    return value is True


def _choice(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _mapping(value: Any) -> dict[str, Any] | None:
    is_kept = isinstance(value, dict) and len(str(value)) <= LONGEST_ERROR
    return value if is_kept else None


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(_whole_text(item) or "" for item in value)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        # VPO's times are UTC; one without a zone is no other time.
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


Identity = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
"""What a thing is known by: without it, there is no such thing."""
Text = Annotated[str | None, BeforeValidator(_text)]
LongText = Annotated[str | None, BeforeValidator(_long_text)]
RequiredText = Annotated[str, BeforeValidator(_required_text)]
"""Text that is empty, never None, where the answer has none."""
RequiredName = Annotated[str, BeforeValidator(_required_name)]
"""The same for a word of the server's own, as a type or a status is."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
"""Lines as they are: how much of them is kept is decided where they are."""
Number = Annotated[float | None, BeforeValidator(_number)]
Share = Annotated[float | None, BeforeValidator(_share)]
"""From 0 to 1."""
Count = Annotated[int | None, BeforeValidator(_count)]
Tally = Annotated[int | None, BeforeValidator(_tally)]
"""How many there are: never less than none."""
CountOrZero = Annotated[int, BeforeValidator(_count_or_zero)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Choice = Annotated[bool | None, BeforeValidator(_choice)]
Mapping = Annotated[dict[str, Any] | None, BeforeValidator(_mapping)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""A time in UTC; ISO-8601 with `Z`, an offset or none."""
