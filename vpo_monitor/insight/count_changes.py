"""Changes of the queue's counts over the last hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from vpo_monitor.history.records import COUNTS_GOOD_FOR, Counts
from vpo_monitor.insight.number_format import change

SPAN = timedelta(hours=1)


def an_hour_ago(counts: Sequence[Counts], now: datetime) -> Counts | None:
    """Return the counts an hour before `now`; None if they were not monitored then.

    `counts` are the changes of the health's counts, oldest first; all times are by one clock.
    """
    then = now - SPAN
    before = [one for one in counts if one.at <= then]
    if not before or then - before[-1].at > COUNTS_GOOD_FOR:
        return None
    return before[-1]


def change_words(before: int | None, now: int | None) -> str:
    """Format a change over the last hour; empty if it is unknown."""
    if before is None or now is None:
        return ""
    if now == before:
        return "no change (1 h)"
    return f"{change(now - before)} (1 h)"
