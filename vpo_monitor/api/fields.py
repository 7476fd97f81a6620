"""Tolerant field types: each value in a response becomes a value of one type, or None.

VPO may extend its lists, and older versions send other types for the same field. An invalid field
is therefore dropped without losing the rest.
"""

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_BEYOND_64_BITS = 2.0**63
_YEARS = range(1970, 2200)
"""Plausible years of a time. Others are errors, and date arithmetic with them could overflow."""
LONGEST_NAME = 200
LONGEST_TEXT = 4096
"""Maximum characters kept of a text; no file path is longer."""
LONGEST_ERROR = 100_000
MOST_ACTIONS = 20


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
    # Values beyond 64 bits are invalid, and neither tables nor databases could store them.
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


def _actions(value: Any) -> tuple[str, ...]:
    """VPO's actions have no documented shape: a text is kept, anything else as JSON."""
    if not isinstance(value, list | tuple):
        return ()
    texts = (one if isinstance(one, str) else _json(one) for one in value[:MOST_ACTIONS])
    return tuple(_required_name(text) for text in texts if text)


def _json(value: Any) -> str:
    """Return a value as JSON; empty for none."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str) if value else ""
    except (ValueError, RecursionError):
        return ""


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        # VPO's times are UTC, so a time without an offset is UTC.
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


Identity = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
"""The identity of an object, which is invalid without one."""
Text = Annotated[str | None, BeforeValidator(_text)]
LongText = Annotated[str | None, BeforeValidator(_long_text)]
RequiredText = Annotated[str, BeforeValidator(_required_text)]
"""Text, empty if it is missing from the response; never None."""
RequiredName = Annotated[str, BeforeValidator(_required_name)]
"""The same for VPO's own terms, such as a type or a status."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
"""Lines without a length limit; the caller limits what is kept."""
Actions = Annotated[tuple[str, ...], BeforeValidator(_actions)]
"""The first actions of a report, as texts."""
Number = Annotated[float | None, BeforeValidator(_number)]
Share = Annotated[float | None, BeforeValidator(_share)]
"""A ratio from 0 to 1."""
Count = Annotated[int | None, BeforeValidator(_count)]
Tally = Annotated[int | None, BeforeValidator(_tally)]
"""A count, never negative."""
CountOrZero = Annotated[int, BeforeValidator(_count_or_zero)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Choice = Annotated[bool | None, BeforeValidator(_choice)]
Mapping = Annotated[dict[str, Any] | None, BeforeValidator(_mapping)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""A time in UTC, from ISO 8601 with `Z`, an offset or neither."""
