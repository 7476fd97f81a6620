"""Convert observations to and from rows of the history's tables."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from vpo_monitor.history.changes import Change, Kind
from vpo_monitor.history.facts import Counts, Percent, Span
from vpo_monitor.history.job_record import JobRecord

T = TypeVar("T")

JOB_FIELDS = tuple(one.name for one in fields(JobRecord))
_TIMES = tuple(map(JOB_FIELDS.index, ("created_at", "started_at", "completed_at")))
_HAS_DETAIL = JOB_FIELDS.index("has_detail")
_LARGEST = 2**63 - 1


def sound(make: Callable[..., T], rows: Iterable[Sequence[Any]]) -> list[T]:
    """Convert the rows, skipping invalid ones."""
    made = []
    for row in rows:
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            made.append(make(*row))
    return made


def stored(value: Any) -> Any:
    """Convert a value for SQLite; integers beyond 64 bits become None."""
    if isinstance(value, datetime):
        return value.timestamp()
    return None if isinstance(value, int) and abs(value) > _LARGEST else value


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def job(_seen_at: float, *row: Any) -> JobRecord:
    """Convert a row to a job."""
    values = list(row)
    for place in _TIMES:
        if values[place] is not None:
            values[place] = _moment(values[place])
    values[_HAS_DETAIL] = bool(values[_HAS_DETAIL])
    return JobRecord(*values)


def percent(at: float, job_id: str, reached: float) -> Percent:
    """Convert a row to a percentage."""
    return Percent(_moment(at), job_id, float(reached))


def change(at: float, kind: str, job_id: str, job_type: str, file_path: str) -> Change:
    """Convert a row to a change."""
    return Change(_moment(at), Kind(kind), job_id, job_type, file_path)


def counts(at: float, *figures: int | None) -> Counts:
    """Convert a row to counts."""
    return Counts(_moment(at), *figures)


def span(begin: float, end: float) -> Span:
    """Convert a row to a monitored span."""
    return _moment(begin), _moment(end)
