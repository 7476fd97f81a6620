"""How long a server was reached, had its database locked or was unreachable."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from vpo_monitor.analysis.charts.time_axis import slot_length
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Reachability, ReachabilitySpan

PERIODS = {"24 hours": timedelta(hours=24), "30 days": timedelta(days=30)}
_RECOMPUTED_EVERY = 60.0
_NOTHING = timedelta()


@dataclass(frozen=True)
class Segment:
    """A part of a strip with one state."""

    begin: datetime
    end: datetime
    state: Reachability


@dataclass(frozen=True)
class Uptime:
    """A strip from `since` to `until`; what is between its segments was not monitored.

    The strip consists of slots. A slot in which the server was ever unreachable is unreachable;
    otherwise it has the state that lasted longest. `lasted` is exact.
    """

    since: datetime
    until: datetime
    segments: Sequence[Segment]
    lasted: Mapping[Reachability, timedelta]

    @property
    def monitored(self) -> timedelta:
        """How long the server was monitored."""
        return sum(self.lasted.values(), _NOTHING)


_latest: WeakKeyDictionary[JobTracker, tuple[object, dict[str, Uptime]]] = WeakKeyDictionary()


def uptimes(tracker: JobTracker) -> dict[str, Uptime]:
    """Return the uptime in each period until now; shared by all viewers for a minute."""
    basis = uptime_revision(tracker)
    known = _latest.get(tracker)
    if known is None or known[0] != basis:
        now = tracker.now()
        spans = tracker.reachability(now - max(PERIODS.values()))
        found = {
            name: uptime(spans, now - period, now, tracker.gap) for name, period in PERIODS.items()
        }
        known = _latest[tracker] = (basis, found)
    return known[1]


def uptime_revision(tracker: JobTracker) -> tuple[int, int]:
    """Return what changes with each change of the server's state, and every minute."""
    return tracker.state_changes, int(tracker.now().timestamp() // _RECOMPUTED_EVERY)


def uptime(
    spans: Sequence[ReachabilitySpan], since: datetime, until: datetime, gap: timedelta
) -> Uptime:
    """Return the uptime from these spans, oldest first.

    The state of the last one goes on until then, if that is not longer than `gap`.
    """
    slot = slot_length(until - since)
    lasted: dict[Reachability, timedelta] = defaultdict(timedelta)
    slots: dict[int, dict[Reachability, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    reached = since
    for place, span in enumerate(spans):
        is_last = place == len(spans) - 1
        goes_on = is_last and _NOTHING <= until - span.until <= gap
        # Spans overlap only if the server's clock was set back.
        begin, end = max(span.at, reached), min(until if goes_on else span.until, until)
        if begin > end:
            continue
        reached = end
        lasted[span.state] += end - begin
        for number in range(_slot_of(begin, slot), _slot_of(end, slot) + 1):
            slot_begin = datetime.fromtimestamp(number * slot.total_seconds(), UTC)
            within = min(end, slot_begin + slot) - max(begin, slot_begin)
            slots[number][span.state] += within
    return Uptime(since, until, _segments(slots, slot, since, until), dict(lasted))


def _slot_of(moment: datetime, slot: timedelta) -> int:
    return int(moment.timestamp() // slot.total_seconds())


def _segments(
    slots: Mapping[int, Mapping[Reachability, timedelta]],
    slot: timedelta,
    since: datetime,
    until: datetime,
) -> list[Segment]:
    found: list[Segment] = []
    for number in sorted(slots):
        begin = datetime.fromtimestamp(number * slot.total_seconds(), UTC)
        begin, end = max(begin, since), min(begin + slot, until)
        state = _state_of(slots[number])
        if found and found[-1].end == begin and found[-1].state is state:
            begin = found.pop().begin
        found.append(Segment(begin, end, state))
    return found


def _state_of(lasted: Mapping[Reachability, timedelta]) -> Reachability:
    if Reachability.UNREACHABLE in lasted:
        return Reachability.UNREACHABLE
    return max(lasted, key=lambda state: lasted[state])
