"""A timeline of jobs as bars.

Each bar is a link that stays the same element between redraws. A chart library would replace all
bars each time, and would not make them accessible by keyboard.
"""

from datetime import UTC, datetime

import streamlit as st

from vpo_monitor.analysis.charts.time_axis import ticks
from vpo_monitor.analysis.charts.timeline import Bar, Shape, Timeline
from vpo_monitor.analysis.charts.timeline_summary import (
    MAX_TEXT,
    bar_file_name,
    run_seconds,
    total_seconds,
    wait_seconds,
)
from vpo_monitor.analysis.estimates.estimate_text import in_text
from vpo_monitor.analysis.formatting import truncate
from vpo_monitor.analysis.frames import status_label
from vpo_monitor.analysis.job_result import known_result
from vpo_monitor.analysis.zones import zone
from vpo_monitor.plain_text import plain_line
from vpo_monitor.views.frontend import component
from vpo_monitor.views.local_time import zone_name
from vpo_monitor.views.navigation import target

_KINDS = ("completed", "failed", "cancelled", "running", "queued", "other")
_SHAPES = tuple(Shape)
_chart = component("timeline", isolate_styles=False)


def timeline_chart(timeline: Timeline, choice: str) -> None:
    """Draw the bars; a click or Enter opens the job. Another `choice` redraws at once."""
    place = zone(zone_name())
    texts = _Texts()
    with st.container(key="timeline"):
        _chart(
            key="timeline-chart",
            data={
                "choice": choice,
                "page": target("job", {}),
                "zone": "UTC" if place is UTC else zone_name(),
                "since": round(timeline.since.timestamp()),
                "now": None if timeline.is_past else _seconds(timeline.until, timeline.since),
                "length": round(
                    (timeline.until + timeline.future - timeline.since).total_seconds()
                ),
                "lanes": timeline.lanes,
                "ticks": [
                    (_seconds(tick.at, timeline.since), tick.label, tick.is_main)
                    for tick in ticks(timeline.since, timeline.until + timeline.future, place)
                ],
                "kinds": _KINDS,
                "shapes": _SHAPES,
                "bars": [_row(bar, timeline, texts) for bar in timeline.bars],
                "texts": texts.known,
            },
        )


class _Texts:
    """A table of texts shared by many bars, so that each is sent once."""

    def __init__(self) -> None:
        self.known: list[str] = []
        self._places: dict[str, int] = {}

    def index(self, text: str) -> int:
        """Return the index of a text in `known`, adding it if necessary."""
        if text not in self._places:
            self._places[text] = len(self.known)
            self.known.append(text)
        return self._places[text]


def _row(bar: Bar, timeline: Timeline, texts: _Texts) -> list[object]:
    """A bar as a row for the script; times are in seconds from the start of the window."""
    job, since = bar.job, timeline.since
    return [
        job.id,
        bar.row,
        _SHAPES.index(bar.shape),
        _KINDS.index(bar.kind),
        _seconds(bar.begins, since),
        _seconds(bar.run_begins, since),
        _seconds(bar.ends, since),
        _seconds(job.created_at, since),
        _seconds(job.started_at, since),
        _seconds(job.completed_at, since),
        wait_seconds(bar),
        run_seconds(bar),
        total_seconds(bar),
        _expected(bar, timeline),
        texts.index(plain_line(job.job_type, MAX_TEXT)),
        texts.index(plain_line(job.policy_name or "", MAX_TEXT)),
        texts.index(status_label(job.status)),
        truncate(bar_file_name(bar), MAX_TEXT),
        plain_line(known_result(job), MAX_TEXT),
    ]


def _expected(bar: Bar, timeline: Timeline) -> tuple[int, int, str, str] | None:
    """The range from the earliest start to the latest end, and start and end as text."""
    if bar.expected is None:
        return None
    start, end = bar.expected.start, bar.expected.end
    now = round((timeline.until - timeline.since).total_seconds())
    length = now + round(timeline.future.total_seconds())
    low, high = (min(now + round(at), length) for at in (start.low, (end or start).high))
    return low, high, in_text(start), "unknown" if end is None else in_text(end)


def _seconds(moment: datetime | None, since: datetime) -> int | None:
    return None if moment is None else round((moment - since).total_seconds())
