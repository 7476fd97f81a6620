"""Recent events, newest first, with the periods that were not monitored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from vpo_monitor.history.records import Change, Kind
from vpo_monitor.insight.number_format import count

_HOUR = timedelta(hours=1)
_COUNTED = (
    (Kind.FINISHED, "finished"),
    (Kind.FAILED, "failed"),
    (Kind.CANCELLED, "cancelled"),
)


@dataclass(frozen=True)
class Unwatched:
    """A period from `begin` until `end` (UTC, server's clock) without monitoring or responses."""

    begin: datetime
    end: datetime

    @property
    def at(self) -> datetime:
        """The sort key among the events."""
        return self.end


def activity(
    changes: Sequence[Change], spans: Sequence[tuple[datetime, datetime]], most: int
) -> list[Change | Unwatched]:
    """Return the last `most` events, and the gaps between the monitored `spans`.

    A gap before the first event is meaningless and left out.
    """
    gaps = [Unwatched(before[1], after[0]) for before, after in pairwise(spans)]
    happened: list[Change | Unwatched] = [*changes, *gaps]
    happened.sort(key=lambda one: one.at, reverse=True)
    happened = happened[:most]
    while happened and isinstance(happened[-1], Unwatched):
        happened.pop()
    return happened


def seen_words(changes: Sequence[Change], now: datetime) -> str:
    """Describe how many jobs finished and failed in the last hour; empty if none did."""
    last = [change.kind for change in changes if now - change.at <= _HOUR]
    counts = [(last.count(kind), word) for kind, word in _COUNTED]
    said = [f"{count(number)} {word}" for number, word in counts if number]
    return f"In the last hour: {', '.join(said)}." if said else ""
