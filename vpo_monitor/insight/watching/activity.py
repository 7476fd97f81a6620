"""What happened, newest first, with the times in which nobody watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from vpo_monitor.insight.number_format import count
from vpo_monitor.insight.watching.changes import Change, Kind

_HOUR = timedelta(hours=1)
_COUNTED = (
    (Kind.FINISHED, "finished"),
    (Kind.FAILED, "failed"),
    (Kind.CANCELLED, "cancelled"),
)


@dataclass(frozen=True)
class Unwatched:
    """From `begin` until `end` (UTC, the server's clock) nobody watched, or VPO did not answer."""

    begin: datetime
    end: datetime

    @property
    def at(self) -> datetime:
        """Its place among what happened."""
        return self.end


def activity(
    changes: Sequence[Change], spans: Sequence[tuple[datetime, datetime]], most: int
) -> list[Change | Unwatched]:
    """The last `most` things that happened, and the gaps between the watched `spans`.

    A gap before the first thing says nothing, and is left out.
    """
    gaps = [Unwatched(before[1], after[0]) for before, after in pairwise(spans)]
    happened: list[Change | Unwatched] = [*changes, *gaps]
    happened.sort(key=lambda one: one.at, reverse=True)
    happened = happened[:most]
    while happened and isinstance(happened[-1], Unwatched):
        happened.pop()
    return happened


def seen_words(changes: Sequence[Change], now: datetime) -> str:
    """How many jobs were seen to finish and fail in the last hour; empty where none was."""
    last = [change.kind for change in changes if now - change.at <= _HOUR]
    counts = [(last.count(kind), word) for kind, word in _COUNTED]
    said = [f"{count(number)} {word}" for number, word in counts if number]
    return f"In the last hour: {', '.join(said)}." if said else ""
