"""Convert what was seen to and from rows of the store."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from vpo_monitor.history.records import (
    Change,
    Counts,
    CountsSlot,
    JobRecord,
    Kind,
    Percent,
    QueuePeak,
    Reachability,
    ReachabilitySpan,
    Span,
)

T = TypeVar("T")

JOB_COLUMNS = ", ".join(JobRecord._fields)
_LARGEST = 2**63 - 1
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def sound(make: Callable[..., T], rows: Iterable[Sequence[Any]]) -> list[T]:
    """Convert the rows, skipping invalid ones."""
    made = []
    for row in rows:
        try:
            made.append(make(*row))
        except (TypeError, ValueError, OverflowError):
            continue
    return made


def stored(value: Any) -> Any:
    """Convert a value for SQLite; integers beyond 64 bits become None."""
    if isinstance(value, datetime):
        return min(value.timestamp(), _LATEST)
    return None if isinstance(value, int) and abs(value) > _LARGEST else value


def job_row(record: JobRecord) -> list[Any]:
    """Convert a job to the values of `JOB_COLUMNS`."""
    return [stored(getattr(record, name)) for name in JobRecord._fields]


def job(*row: Any) -> JobRecord:
    """Convert the values of `JOB_COLUMNS` to a job."""
    listed, (created_at, started_at, completed_at), others = row[:5], row[5:8], row[8:]
    policy, priority, error, size, has_detail, summary, stats_id, result = others
    values: tuple[Any, ...] = (
        *listed,
        None if created_at is None else datetime.fromtimestamp(created_at, UTC),
        None if started_at is None else datetime.fromtimestamp(started_at, UTC),
        None if completed_at is None else datetime.fromtimestamp(completed_at, UTC),
        *(policy, priority, error, size, bool(has_detail), summary, stats_id, result),
    )
    return JobRecord(*values)


def failure(
    job_id: str, file_path: str, completed_at: float | None, error: str | None, has_detail: int
) -> JobRecord:
    """Convert a row to a failed job of which only this is known."""
    return JobRecord(
        job_id,
        status="failed",
        file_path=file_path,
        completed_at=None if completed_at is None else _moment(completed_at),
        error=error,
        has_detail=bool(has_detail),
    )


def percent(at: float, job_id: str, reached: float) -> Percent:
    """Convert a row to a percentage."""
    return Percent(_moment(at), job_id, float(reached))


def change(at: float, kind: str, job_id: str, job_type: str, file_path: str) -> Change:
    """Convert a row to a change."""
    return Change(_moment(at), Kind(kind), job_id, job_type, file_path)


def counts(at: float, *figures: int | None) -> Counts:
    """Convert a row to counts."""
    return Counts(_moment(at), *figures)


def counts_slot(
    number: int, running: int | None, queued: int | None, first_at: float, *last: Any
) -> CountsSlot:
    """Convert a row to the counts of one slot."""
    return CountsSlot(number, running, queued, _moment(first_at), counts(*last))


def queue_peak(queued: int, at: float) -> QueuePeak:
    """Convert a row to the peak of the queue."""
    return QueuePeak(int(queued), _moment(at))


def span(begin: float, end: float) -> Span:
    """Convert a row to a monitored span."""
    return _moment(begin), _moment(end)


def queue_turn(at: float, is_busy: int) -> tuple[datetime, bool]:
    """Convert a row to the time at which work began or ended."""
    return _moment(at), bool(is_busy)


def reachability_span(begin: float, end: float, state: str) -> ReachabilitySpan:
    """Convert a row to a span of one state."""
    return ReachabilitySpan(_moment(begin), _moment(end), Reachability(state))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
