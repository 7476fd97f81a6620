"""When somebody has looked at the server's lists, and when nobody has."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

WATCHED_GAP = timedelta(seconds=150)
"""Time without a look after which nobody was watching: a backoff is at most 120 s."""
_KEPT_EVERY = timedelta(seconds=30)
_MOST_SPANS = 1000

Span = tuple[datetime, datetime]


class Looks:
    """The times in which somebody watched, as spans from the first look to the last."""

    def __init__(self) -> None:
        self._spans: deque[Span] = deque(maxlen=_MOST_SPANS)
        self._kept_at: datetime | None = None

    def take(self, spans: Iterable[Span]) -> None:
        """Go on from earlier spans, the oldest first."""
        self._spans.extend(spans)

    def spans(self) -> list[Span]:
        """All of them, the oldest first."""
        return list(self._spans)

    def before(self, now: datetime) -> datetime | None:
        """The last look before this one, where somebody has been watching."""
        if not self._spans or now - self._spans[-1][1] > WATCHED_GAP:
            return None
        return self._spans[-1][1]

    def note(self, now: datetime) -> list[Span]:
        """Note a look; the span to keep in the history, where it is time for that."""
        if self.before(now) is None:
            self._spans.append((now, now))
        else:
            begin, end = self._spans[-1]
            self._spans[-1] = (begin, max(now, end))
            if self._kept_at is not None and now - self._kept_at < _KEPT_EVERY:
                return []
        self._kept_at = now
        return [self._spans[-1]]
