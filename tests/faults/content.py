"""How a server can say strange things in good JSON: changes of an answer's body.

Each takes the body and the name of its route. What identifies a thing stays unless it is said
otherwise, so that the thing is shown with all else about it changed.
"""

import re
from collections.abc import Callable
from typing import Any

Change = Callable[[Any, str], Any]
Rows = list[Any]

MANY = 10_000
_IDENTITY = {"jobs": "id", "job": "id", "library": "id", "plans": "id"}
_IDENTITY |= {"health": "status", "stats": "date"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")
_BEGINS = ("created", "started", "earliest")
_TOTALS = ("total", "total_lines", "total_errors")


def each_value(new: Callable[[Any], Any], *, everywhere: bool = False) -> Change:
    """Put another value in place of each; `everywhere`: of what identifies a thing too."""

    def change(body: Any, route: str) -> Any:
        kept = None if everywhere else _IDENTITY.get(route)
        return _walked(body, lambda name, value: value if kept and name == kept else new(value))

    return change


def each_number(number: float) -> Change:
    """Put this in place of each number."""
    is_number = (int, float)

    def new(name: str, value: Any) -> Any:
        is_kept = name == "id" or isinstance(value, bool) or not isinstance(value, is_number)
        return value if is_kept else number

    return lambda body, _route: _walked(body, new)


def each_time(begin: str, end: str) -> Change:
    """Put these in place of the times at which things begin, and of all other times and days."""

    def new(name: str, value: Any) -> Any:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            return value
        time = begin if name.startswith(_BEGINS) else end
        return time if "T" in value else time[:10]

    return lambda body, _route: _walked(body, new)


def missing_keys(body: Any, route: str) -> Any:
    """Leave out every key but those of lists and of what identifies a thing."""
    return _bare(body, _IDENTITY.get(route))


def missing_everything(body: Any, _route: str) -> Any:
    """Leave those out too: lists hold empty objects."""
    return _bare(body, None)


def wrong_shape(body: Any, _route: str) -> Any:
    """Send a list for an object, and the reverse."""
    return [body] if isinstance(body, dict) else {"rows": body}


def wrong_lists(body: Any, _route: str) -> Any:
    """Send an object for each list in the answer, and a number for an answer that is a list."""
    if isinstance(body, list):
        return 7
    return {name: {} if isinstance(value, list) else value for name, value in body.items()}


def wrong_type(value: Any) -> Any:
    """A value of another type."""
    if isinstance(value, bool):
        return "perhaps"
    if isinstance(value, int | float):
        return "a number"
    return 7 if isinstance(value, str) else {"nested": [None]}


def long_texts(body: Any, _route: str) -> Any:
    """Make each text but an id 20,000 characters long."""

    def new(name: str, value: Any) -> Any:
        is_kept = name == "id" or not isinstance(value, str) or _TIME.fullmatch(value)
        return value if is_kept else f"{value} " + "x" * 20_000

    return _walked(body, new)


def duplicate_rows(body: Any, _route: str) -> Any:
    """Send each row twice, the second time with another path."""

    def twice(rows: Rows) -> Rows:
        again = [{**row, "file_path": "/again"} if isinstance(row, dict) else row for row in rows]
        return [row for pair in zip(rows, again, strict=True) for row in pair]

    return _with_rows(body, twice)


def many_rows(body: Any, _route: str) -> Any:
    """Send 10,000 rows, each with an id of its own, whatever was asked for."""

    def many(rows: Rows) -> Rows:
        return (
            [_numbered(rows[number % len(rows)], number) for number in range(MANY)] if rows else []
        )

    changed = _with_rows(body, many)
    if isinstance(changed, dict):
        changed.update(dict.fromkeys((name for name in _TOTALS if name in changed), MANY))
    return changed


def _numbered(row: Any, number: int) -> Any:
    if isinstance(row, str):
        return f"{row} {number}"
    if isinstance(row.get("id"), str):
        return {**row, "id": f"{number:08x}{row['id'][8:]}"}
    return {**row, "id": number} if "id" in row else row


def _with_rows(body: Any, new: Callable[[Rows], Rows]) -> Any:
    if isinstance(body, list):
        return new(body)
    return {name: new(value) if isinstance(value, list) else value for name, value in body.items()}


def _bare(body: Any, kept: str | None) -> Any:
    if isinstance(body, list):
        return [_bare(row, kept) for row in body]
    if not isinstance(body, dict):
        return body
    return {
        name: _bare(value, kept)
        for name, value in body.items()
        if isinstance(value, dict | list) or name == kept
    }


def _walked(body: Any, new: Callable[[str, Any], Any], name: str = "") -> Any:
    """The body with each value replaced, lists and objects keeping their shape."""
    if isinstance(body, dict):
        return {key: _walked(value, new, key) for key, value in body.items()}
    if isinstance(body, list):
        return [_walked(value, new, name) for value in body]
    return new(name, body)
