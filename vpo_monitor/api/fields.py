"""Tolerant field types: whatever stands in an answer becomes a value of one type or None.

The server's own source warns that its lists may grow, and older servers send other types for the
same field, so a field that cannot be read costs that field and nothing else.
"""

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

_BEYOND_64_BITS = 2.0**63


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None


def _required_text(value: Any) -> str:
    return _text(value) or ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _count(value: Any) -> int | None:
    number = _number(value)
    # What no 64 bits hold is no count, and tables and databases could not hold it either.
    return None if number is None or abs(number) >= _BEYOND_64_BITS else int(number)


def _count_or_zero(value: Any) -> int:
    return max(0, _count(value) or 0)


def _flag(value: Any) -> bool:
    return value is True


def _mapping(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_required_text(item) for item in value) if isinstance(value, list | tuple) else ()


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        # VPO's times are UTC; one without a zone is no other time.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


Text = Annotated[str | None, BeforeValidator(_text)]
RequiredText = Annotated[str, BeforeValidator(_required_text)]
"""Text that is empty, never None, where the answer has none."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Number = Annotated[float | None, BeforeValidator(_number)]
Count = Annotated[int | None, BeforeValidator(_count)]
CountOrZero = Annotated[int, BeforeValidator(_count_or_zero)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Mapping = Annotated[dict[str, Any] | None, BeforeValidator(_mapping)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""A time in UTC; ISO-8601 with `Z`, an offset or none."""
