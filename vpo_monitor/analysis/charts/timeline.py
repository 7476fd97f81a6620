"""Arrange jobs as bars in lanes over time, without inventing unknown times."""

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from vpo_monitor.analysis.charts.time_range import TimeRange
from vpo_monitor.analysis.estimates.queue_starts import ExpectedTimes
from vpo_monitor.analysis.since import SINCE
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord
from vpo_monitor.plain_text import plain_line

MAX_BARS = 1000
MAX_LANES = 24
NO_SLOT = "no start time"
NO_TYPE = "no type"
_STEPS = 200
_FUTURE_STEP, _MOST_FUTURE_STEPS = 1 / 24, 6
"""The axis extends into the future by steps of this share of the window, and at most so many."""
_LONGEST_LABEL = 60
_LONGEST_WAIT = 1e9
"""Seconds."""
_STATUSES = frozenset({"queued", "running", "completed", "failed", "cancelled"})
_Lane = tuple[str, int]
_NONE_EXPECTED: Mapping[str, ExpectedTimes] = MappingProxyType({})


class Lanes(StrEnum):
    """What a lane represents."""

    TYPE = "type"
    SLOT = "slot"


class Shape(StrEnum):
    """The known parts of a bar."""

    RUN = "run"  # wait and run are separate
    WAIT = "wait"  # no run: the job has not started, or ended without starting
    WHOLE = "whole"  # wait and run combined, because the start is unknown
    EXPECTED = "expected"  # a wait up to now, and a run that is expected


_RUNS = (Shape.RUN, Shape.EXPECTED)


@dataclass(frozen=True)
class Bar:
    """One job in the window: `since` <= begins <= run_begins <= ends <= `until`.

    `row` is the index of its lane. `run_begins` is set only for the shapes RUN and EXPECTED; an
    expected run is later than `until`. `kind` is the status, or `other` for an unknown one. `job`
    and `expected`, in seconds from `until`, have the data for the tooltip.
    """

    job: JobRecord
    row: int
    shape: Shape
    kind: str
    begins: datetime
    run_begins: datetime | None
    ends: datetime
    expected: ExpectedTimes | None = None


@dataclass(frozen=True)
class Timeline:
    """The bars of one window, one per job, and the labels of their lanes.

    The axis ends `future` after `until`, which is now, with room for expected runs.
    `in_window` counts the jobs in the window, drawn or not. `beyond` counts the newest jobs that
    did not fit into the lanes, and `starts_known` the newest whose start is settled. `without_time`
    counts jobs, in any window, without a known time. If it `is_past`, `until` is earlier than now.
    """

    since: datetime
    until: datetime
    lanes: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    in_window: int = 0
    beyond: int = 0
    starts_known: int = 0
    without_time: int = 0
    future: timedelta = timedelta()
    is_past: bool = False


@dataclass(frozen=True)
class Window:
    """The time to show from `since` to `until`, which is now or earlier.

    It ends there if it `is_past`, otherwise at `end`, or as late as jobs are expected.
    """

    since: datetime
    until: datetime
    end: datetime | None = None

    @property
    def is_past(self) -> bool:
        """Whether it ends before now."""
        return self.end == self.until


@dataclass(frozen=True)
class _Span:
    """The known times of one job, in order and limited to the window's end unless expected."""

    job: JobRecord
    shape: Shape
    begins: datetime
    run_begins: datetime
    ends: datetime


LENGTHS = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), **SINCE}


def length_of(shown: str | TimeRange) -> timedelta:
    """Return the length of a period of `LENGTHS`, or of a range."""
    return LENGTHS[shown] if isinstance(shown, str) else shown.length


def window(shown: str | TimeRange, now: datetime) -> Window:
    """Return the window of a period of `LENGTHS`, or of a range, until shortly after `now`.

    It advances in steps of 1/200 of its length, so that unchanged data looks the same.
    """
    length = length_of(shown)
    step = length.total_seconds() / _STEPS
    until = datetime.fromtimestamp(math.ceil(now.timestamp() / step) * step, UTC)
    if isinstance(shown, str):
        return Window(until - length, until)
    return Window(shown.since, min(until, shown.until), shown.until)


def read_timeline(
    tracker: JobTracker,
    window: Window,
    by: Lanes,
    expected: Mapping[str, ExpectedTimes] = _NONE_EXPECTED,
) -> Timeline:
    """Arrange the newest jobs of a window that the tracker has seen.

    `expected` are the times of queued jobs, by ID.
    """
    since, until = window.since, window.until
    if window.end is None:
        timeline = build_timeline(tracker.records(since, MAX_BARS), since, until, by, expected)
        in_window, without_time = tracker.count(since)
    else:
        records = tracker.records(since, MAX_BARS, until)
        awaited = _NONE_EXPECTED if window.is_past else expected
        timeline = build_timeline(records, since, until, by, awaited, window.end - until)
        in_window, without_time = tracker.count(since, until)
    return replace(timeline, in_window=in_window, without_time=without_time, is_past=window.is_past)


def build_timeline(
    records: Iterable[JobRecord],
    since: datetime,
    until: datetime,
    by: Lanes = Lanes.TYPE,
    expected: Mapping[str, ExpectedTimes] = _NONE_EXPECTED,
    future: timedelta | None = None,
) -> Timeline:
    """Arrange the newest jobs of the window; unfinished jobs extend to `until`.

    The axis extends `future` beyond it, by default as far as jobs are expected.

    Run times in one lane never overlap, with as few lanes as possible. A job without a known run
    time takes no space: it is drawn in the first lane of its type, or in a separate lane if lanes
    are slots. The label of each further lane of a type includes its number: if it has a bar, that
    many jobs of the type ran at once, or are expected to.
    """
    newest = {record.id: record for record in records}
    if future is None:
        future = _future(expected.values(), until - since)
    spans = [
        _expected_span(span, expected[span.job.id], until, until + future)
        if span.shape is Shape.WAIT and span.job.id in expected and not span.job.is_terminal
        else span
        for record in newest.values()
        if (span := _span(record, until))
    ]
    inside = [span for span in spans if span.ends >= since]
    drawn = sorted(inside, key=_age_key, reverse=True)[:MAX_BARS]
    placed = _placed(drawn, by)
    counts = Counter(name for name, _ in placed.values())
    order = sorted(
        set(placed.values()), key=lambda lane: (lane[0] == NO_SLOT, lane[1], -counts[lane[0]], lane)
    )
    # The lane of jobs without a slot is always shown, so that it does not appear and disappear.
    apart = [(NO_SLOT, 1)] if by is Lanes.SLOT else []
    shown = [lane for lane in order if lane not in apart][: MAX_LANES - len(apart)]
    lanes = sorted(shown) + apart
    rows = {lane: row for row, lane in enumerate(lanes)}
    return Timeline(
        since,
        until,
        lanes=tuple(_label(lane, by) for lane in lanes),
        bars=tuple(
            _bar(span, rows[placed[span.job.id]], since, expected)
            for span in sorted(drawn, key=_drawing_key)
            if placed[span.job.id] in rows
        ),
        in_window=len(inside),
        beyond=sum(lane not in rows for lane in placed.values()),
        starts_known=sum(is_start_known(span.job) for span in drawn),
        without_time=len(newest) - len(spans),
        future=future,
    )


def expected_positions(expected: Mapping[str, ExpectedTimes], length: timedelta) -> object:
    """Return where expected runs are drawn, in steps of 1/200 of the window's length."""
    step = length.total_seconds() / _STEPS
    return tuple((job_id, round(one.planned[0] / step)) for job_id, one in expected.items())


def _future(expected: Iterable[ExpectedTimes], window: timedelta) -> timedelta:
    """Return by how much the axis extends beyond now, in coarse steps, as it moves all bars."""
    latest = max(((one.end or one.start).high for one in expected), default=0.0)
    step = window * _FUTURE_STEP
    return step * math.ceil(min(latest / step.total_seconds(), _MOST_FUTURE_STEPS))


def _expected_span(span: _Span, expected: ExpectedTimes, now: datetime, latest: datetime) -> _Span:
    """Add the expected run to a queued job, unless it is beyond the axis."""
    begins, ends = (
        min(now + timedelta(seconds=min(seconds, _LONGEST_WAIT)), latest)
        for seconds in expected.planned
    )
    if begins >= latest:
        return span
    return _Span(span.job, Shape.EXPECTED, span.begins, begins, ends)


def is_start_known(job: JobRecord) -> bool:
    """Whether the job's start is settled: it is known, or the job never started."""
    return job.started_at is not None or job.has_detail or job.status == "queued"


def _span(job: JobRecord, until: datetime) -> _Span | None:
    """Return the job's times; None if none is known."""
    known = [at for at in (job.created_at, job.started_at, job.completed_at) if at is not None]
    if not known:
        return None
    if job.completed_at is not None:
        ends = job.completed_at
    else:  # finished at an unknown time, so nothing is drawn after its last known time
        ends = max(known) if job.is_terminal else until
    ends = min(ends, until)
    begins = min(*known, ends)
    if job.status == "queued" or (
        job.started_at is None and job.has_detail and job.status == "cancelled"
    ):
        return _Span(job, Shape.WAIT, begins, ends, ends)
    if job.started_at is None:
        return _Span(job, Shape.WHOLE, begins, begins, ends)
    return _Span(job, Shape.RUN, begins, max(begins, min(job.started_at, ends)), ends)


def _placed(spans: Iterable[_Span], by: Lanes) -> dict[str, _Lane]:
    """Assign each job a lane: a type or a slot, with a number from 1."""
    placed = {}
    runs: dict[str, list[_Span]] = {}
    for span in spans:
        kind = _type_of(span.job) if by is Lanes.TYPE else ""
        if span.shape in _RUNS:
            runs.setdefault(kind, []).append(span)
        else:
            placed[span.job.id] = (kind or NO_SLOT, 1)
    for kind, of_kind in runs.items():
        placed.update(_packed(kind, of_kind))
    return placed


def _packed(kind: str, spans: Iterable[_Span]) -> dict[str, _Lane]:
    """Give each run the lowest lane that is free at its start, which minimizes the lanes."""
    packed: dict[str, _Lane] = {}
    busy: list[tuple[datetime, int]] = []
    free: list[int] = []
    for span in sorted(spans, key=lambda span: (span.run_begins, span.ends, span.job.id)):
        while busy and busy[0][0] <= span.run_begins:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy) + 1
        heapq.heappush(busy, (span.ends, lane))
        packed[span.job.id] = (kind, lane)
    return packed


def _bar(span: _Span, row: int, since: datetime, expected: Mapping[str, ExpectedTimes]) -> Bar:
    return Bar(
        job=span.job,
        row=row,
        shape=span.shape,
        kind=span.job.status if span.job.status in _STATUSES else "other",
        begins=max(span.begins, since),
        run_begins=max(span.run_begins, since) if span.shape in _RUNS else None,
        ends=span.ends,
        expected=expected.get(span.job.id) if span.shape is Shape.EXPECTED else None,
    )


def _label(lane: _Lane, by: Lanes) -> str:
    name, number = lane
    if by is Lanes.SLOT:
        return name or f"slot {number}"
    return name if number == 1 else f"{name} #{number}"


def _type_of(job: JobRecord) -> str:
    return plain_line(job.job_type, _LONGEST_LABEL).strip() or NO_TYPE


def _age_key(span: _Span) -> tuple[datetime, str]:
    return span.job.created_at or span.begins, span.job.id


def _drawing_key(span: _Span) -> tuple[float, datetime, str]:
    # If jobs were queued together and run one after another, earlier ones are drawn on top, so that
    # each stays visible between the previous end and its own.
    # the end of the one before and its own: the one that ended first lies on top.
    return -span.ends.timestamp(), span.begins, span.job.id
