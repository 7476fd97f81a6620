"""Track when the server's lists were fetched, and when they were not."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from vpo_monitor.history.facts import Span
from vpo_monitor.polling.queries import Query

MONITORED_GAP = timedelta(seconds=150)
"""A longer time between responses counts as not monitored: a backoff is at most 120 s."""
_KEPT_EVERY = timedelta(seconds=30)
_MOST_SPANS = 1000
_MOST_QUERIES = 100


class ObservationSpans:
    """The last request of each list, and the periods that were monitored completely."""

    def __init__(self) -> None:
        self._spans: deque[Span] = deque(maxlen=_MOST_SPANS)
        self._kept_at: datetime | None = None
        self._last: dict[Query[Any], datetime] = {}

    def take(self, spans: Iterable[Span]) -> None:
        """Load earlier spans, oldest first."""
        self._spans.extend(spans)

    def drop_before(self, oldest: datetime) -> None:
        """Remove the spans that ended before this time."""
        while self._spans and self._spans[0][1] < oldest:
            self._spans.popleft()

    def spans(self) -> list[Span]:
        """Return all spans, oldest first."""
        return list(self._spans)

    def since(self, query: Query[Any], asked: datetime) -> datetime | None:
        """Return when this list was previously requested, if shortly before `asked`."""
        last = self._last.get(query)
        return last if last is not None and asked - last <= MONITORED_GAP else None

    def note(self, query: Query[Any], asked: datetime, now: datetime) -> list[Span]:
        """Record a response; returns the span to store in the history, if one is due."""
        self._last.pop(query, None)
        self._last[query] = asked
        while len(self._last) > _MOST_QUERIES:
            del self._last[next(iter(self._last))]
        return self._lengthen(now) if _shows_all_that_happens(query) else []

    def _lengthen(self, now: datetime) -> list[Span]:
        if not self._spans or now - self._spans[-1][1] > MONITORED_GAP:
            self._spans.append((now, now))
        else:
            begin, end = self._spans[-1]
            self._spans[-1] = (begin, max(now, end))
            if self._kept_at is not None and now - self._kept_at < _KEPT_EVERY:
                return []
        self._kept_at = now
        return [self._spans[-1]]


def _shows_all_that_happens(query: Query[Any]) -> bool:
    """Whether a list shows every new and removed job, so it has no search, type or offset."""
    given = dict(query.arguments)
    is_whole = not given.get("search") and not given.get("job_type") and not given.get("offset")
    return is_whole and given.get("status") in (None, "running")
