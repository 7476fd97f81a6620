"""Recent events, the periods that were not monitored, and how the counts changed in an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from vpo_monitor.analysis.number_format import change, count
from vpo_monitor.history.records import Change, Counts, Kind

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


def an_hour_ago(counts: Sequence[Counts], now: datetime, good_for: timedelta) -> Counts | None:
    """Return the counts an hour before `now`; None if they were not monitored then.

    `counts` are the changes of the health's counts, oldest first, and each is valid for at most
    `good_for`; all times are by one clock.
    """
    then = now - _HOUR
    before = [one for one in counts if one.at <= then]
    if not before or then - before[-1].at > good_for:
        return None
    return before[-1]


def change_words(before: int | None, now: int | None) -> str:
    """Format a change over the last hour; empty if it is unknown."""
    if before is None or now is None:
        return ""
    if now == before:
        return "no change (1 h)"
    return f"{change(now - before)} (1 h)"
