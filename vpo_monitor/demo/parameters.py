import re
from datetime import timedelta

from starlette.datastructures import QueryParams

PERIODS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MAX_PAGE = 100
DEFAULT_PAGE = 50
_LONGEST_SEARCH = 200
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def whole_number(query: QueryParams, name: str, default: int, low: int, high: int) -> int:
    """Return a parameter within its bounds; what is not a whole number counts as the default."""
    try:
        value = int(query.get(name, default))
    except ValueError:
        value = default
    return min(max(value, low), high)


def page_of(query: QueryParams) -> tuple[int, int]:
    """Return limit and offset of a list."""
    limit = whole_number(query, "limit", DEFAULT_PAGE, 1, MAX_PAGE)
    return limit, whole_number(query, "offset", 0, 0, 2**53)


def search_text(query: QueryParams) -> str | None:
    return query.get("search", "").strip()[:_LONGEST_SEARCH] or None
