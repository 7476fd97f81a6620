"""Running and queued jobs over a period, with gaps where nothing was monitored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from vpo_monitor.analysis.charts.time_axis import slot_length
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import CountsSlot, QueuePeak


@dataclass(frozen=True)
class QueueSlot:
    """The highest counts from `begin` until before `end` (UTC); None if unknown."""

    begin: datetime
    end: datetime
    running: int | None
    queued: int | None


@dataclass(frozen=True)
class QueueOverTime:
    """The monitored slots from `since` to `until`, oldest first, each as long as `slot`.

    `peak` is the longest queue; None if its length is unknown.
    """

    since: datetime
    until: datetime
    slot: timedelta
    slots: Sequence[QueueSlot]
    peak: QueuePeak | None


def queue_over_time(tracker: JobTracker, period: timedelta | None, now: datetime) -> QueueOverTime:
    """Return the counts of a period until now (UTC, server's clock), None for all that is known."""
    if period is None:
        period = now - (tracker.counted_since() or now)
    slot, since = slot_length(period), now - period
    stored = tracker.counts_by_slot(since, slot)
    slots = queue_slots(stored, slot, tracker.counts_good_for, now)
    return QueueOverTime(since, now, slot, slots, _peak(tracker, stored, slot))


def _peak(tracker: JobTracker, stored: Sequence[CountsSlot], slot: timedelta) -> QueuePeak | None:
    """Return the longest queue, whose time is looked up only in the slot that has it."""
    longest = max(stored, key=lambda one: -1 if one.queued is None else one.queued, default=None)
    if longest is None:
        return None
    begin = datetime.fromtimestamp(longest.number * slot.total_seconds(), UTC)
    return tracker.queue_peak(begin, begin + slot)


def queue_slots(
    stored: Sequence[CountsSlot], slot: timedelta, good_for: timedelta, now: datetime
) -> list[QueueSlot]:
    """Return the monitored slots of these stored ones, oldest first.

    Counts are stored when they change, and regularly. So the last ones of a slot hold until the
    next ones, unless those are later than they are good for; then the server was not monitored in
    between.
    """

    def holds(one: CountsSlot, until: datetime) -> bool:
        return until - one.last.at <= good_for

    found: list[QueueSlot] = []
    before: CountsSlot | None = None
    this_slot = int(now.timestamp() // slot.total_seconds())
    for one, after in zip_longest(stored, stored[1:]):
        running, queued = one.running, one.queued
        if before is not None and holds(before, one.first_at):
            running = _highest(running, before.last.running)
            queued = _highest(queued, before.last.queued)
        found.append(_slot(one.number, slot, running, queued))
        if holds(one, now if after is None else after.first_at):
            until = this_slot + 1 if after is None else after.number
            between = range(one.number + 1, until)
            found += [_slot(n, slot, one.last.running, one.last.queued) for n in between]
        before = one
    return found


def _highest(one: int | None, other: int | None) -> int | None:
    return max((it for it in (one, other) if it is not None), default=None)


def _slot(number: int, slot: timedelta, running: int | None, queued: int | None) -> QueueSlot:
    begin = datetime.fromtimestamp(number * slot.total_seconds(), UTC)
    return QueueSlot(begin, begin + slot, running, queued)
