"""Jobs as bars over time, in lanes: where each is drawn, without claiming a time not known."""

import heapq
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from vpo_monitor.insight.since import SINCE
from vpo_monitor.insight.watching.job_record import JobRecord
from vpo_monitor.plain_text import plain_line

MAX_BARS = 1000
MAX_LANES = 24
NO_SLOT = "no start time"
NO_TYPE = "no type"
_STEPS = 200
_LONGEST_LABEL = 60
_STATUSES = frozenset({"queued", "running", "completed", "failed", "cancelled"})
_Lane = tuple[str, int]


class Lanes(StrEnum):
    """What a lane stands for."""

    TYPE = "type"
    SLOT = "slot"


class Shape(StrEnum):
    """What is known of a bar's parts."""

    RUN = "run"  # wait and run apart
    WAIT = "wait"  # no run: it has not started, or ended without
    WHOLE = "whole"  # wait and run together, as the start is not known


@dataclass(frozen=True)
class Bar:
    """One job within the window: `since` <= begins <= run_begins <= ends <= `until`.

    `row` is the index of its lane. `run_begins` is there for the shape RUN only. `kind` is the
    status, or `other` for one that is not known here. What a hover tells stands in `job`.
    """

    job: JobRecord
    row: int
    shape: Shape
    kind: str
    begins: datetime
    run_begins: datetime | None
    ends: datetime


@dataclass(frozen=True)
class Timeline:
    """The bars of one window, each job once, and the labels of their lanes.

    `in_window` counts the jobs that belong into the window, drawn or not; `beyond` those of the
    newest for which there were no lanes left, and `starts_known` those of the newest whose start is
    not in question. `without_time` counts jobs of any window that no time is known of.
    """

    since: datetime
    until: datetime
    lanes: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    in_window: int = 0
    beyond: int = 0
    starts_known: int = 0
    without_time: int = 0


@dataclass(frozen=True)
class _Span:
    """What is known of one job's times, in their order and up to the window's end."""

    job: JobRecord
    shape: Shape
    begins: datetime
    run_begins: datetime
    ends: datetime


def window(period: str, now: datetime) -> tuple[datetime, datetime]:
    """The last `24h`, `7d` or `30d`, ending a little after `now`.

    It moves on by a 200th of its length at a time, so that what has not changed looks the same.
    """
    span = SINCE[period]
    step = span.total_seconds() / _STEPS
    until = datetime.fromtimestamp(math.ceil(now.timestamp() / step) * step, UTC)
    return until - span, until


def build_timeline(
    records: Iterable[JobRecord], since: datetime, until: datetime, by: Lanes = Lanes.TYPE
) -> Timeline:
    """Place the newest jobs of the window; one that has not ended reaches to `until`.

    In a lane no two run times overlap, and there are as few lanes as that allows. A job without a
    known run time takes no room: it stands in the first lane of its type, or apart from the slots.
    The label of a further lane of a type says how many of the type ran at once where it has a bar.
    """
    newest = {record.id: record for record in records}
    spans = [span for record in newest.values() if (span := _span(record, until))]
    inside = [span for span in spans if span.ends >= since]
    drawn = sorted(inside, key=_age_key, reverse=True)[:MAX_BARS]
    placed = _placed(drawn, by)
    counts = Counter(name for name, _ in placed.values())
    order = sorted(
        set(placed.values()), key=lambda lane: (lane[0] == NO_SLOT, lane[1], -counts[lane[0]], lane)
    )
    # The lane of jobs without a slot is always there, so that it does not come and go with them.
    apart = [(NO_SLOT, 1)] if by is Lanes.SLOT else []
    shown = [lane for lane in order if lane not in apart][: MAX_LANES - len(apart)]
    lanes = sorted(shown) + apart
    rows = {lane: row for row, lane in enumerate(lanes)}
    return Timeline(
        since,
        until,
        lanes=tuple(_label(lane, by) for lane in lanes),
        bars=tuple(
            _bar(span, rows[placed[span.job.id]], since)
            for span in sorted(drawn, key=_drawing_key)
            if placed[span.job.id] in rows
        ),
        in_window=len(inside),
        beyond=sum(lane not in rows for lane in placed.values()),
        starts_known=sum(is_start_known(span.job) for span in drawn),
        without_time=len(newest) - len(spans),
    )


def is_start_known(job: JobRecord) -> bool:
    """Whether no more can be learned of the job's start: it is known, or there was none."""
    return job.started_at is not None or job.has_detail or job.status == "queued"


def _span(job: JobRecord, until: datetime) -> _Span | None:
    """The job's times; None where there is none at all."""
    known = [at for at in (job.created_at, job.started_at, job.completed_at) if at is not None]
    if not known:
        return None
    if job.completed_at is not None:
        ends = job.completed_at
    else:  # of a job that has ended nobody knows when, so nothing after its last known moment
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
    """The lane of each job: a type, or nothing in particular, with a number from 1."""
    placed = {}
    runs: dict[str, list[_Span]] = {}
    for span in spans:
        kind = _type_of(span.job) if by is Lanes.TYPE else ""
        if span.shape is Shape.RUN:
            runs.setdefault(kind, []).append(span)
        else:
            placed[span.job.id] = (kind or NO_SLOT, 1)
    for kind, of_kind in runs.items():
        placed.update(_packed(kind, of_kind))
    return placed


def _packed(kind: str, spans: Iterable[_Span]) -> dict[str, _Lane]:
    """Give each the lowest lane that is free when its run begins: the fewest lanes there can be."""
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


def _bar(span: _Span, row: int, since: datetime) -> Bar:
    return Bar(
        job=span.job,
        row=row,
        shape=span.shape,
        kind=span.job.status if span.job.status in _STATUSES else "other",
        begins=max(span.begins, since),
        run_begins=max(span.run_begins, since) if span.shape is Shape.RUN else None,
        ends=span.ends,
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
    # Of jobs that were queued together and done one after another, each stays to be seen between
    # the end of the one before and its own: the one that ended first lies on top.
    return -span.ends.timestamp(), span.begins, span.job.id
