"""The run times on the statistics page, by job type."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.run_times import (
    MIN_JOBS,
    RunTimes,
    comparable,
    run_time_text,
    run_times,
    seconds,
)
from vpo_monitor.analysis.charts.statistics_frames import run_time_jobs_table, run_times_table
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.formatting import display_name, job_count, truncate
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.zones import zone
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobRecord
from vpo_monitor.views.charts import (
    BLUE,
    ORANGE,
    Spec,
    count_tooltip,
    draw_chart,
    duration_axis,
    tooltip,
)
from vpo_monitor.views.data_table import folded_table
from vpo_monitor.views.local_time import zone_name

_BOX = 18
_HEIGHT, _TYPE_HEIGHT, _FEWEST_TYPES = 110, 36, 3
"""Pixels without types, pixels per type, and the fewest types to make room for."""
_MOST_DOTS = 100
"""Dots per type; the most extreme outliers are drawn."""
_BOX_TOOLTIP = [
    *tooltip(name="Type"),
    count_tooltip("jobs", "Jobs"),
    *tooltip(median_words="Median", middle_words="Middle half", usual_words="Usual range"),
]


def run_time_charts(
    tracker: JobTracker, since: datetime | None, completed: int, provenance: Provenance
) -> None:
    """Draw the run times of the jobs completed since then, or of all; there are `completed`."""
    st.subheader("Run time by job type", anchor=False)
    types = run_times(tracker, since)
    with st.container(key="durations"):
        st.caption(_coverage(completed, types))
        if types:
            _chart(types)
            st.caption(_legend(types))
            origin_of_types = provenance.of("run-times-by-type")
            folded_table(run_times_table(types), origin_of_types, key="durations-table")
            unusual = [job for one in types for job in reversed(one.unusual)]
            if unusual:
                folded_table(
                    run_time_jobs_table(unusual),
                    provenance.of("unusual-run-times"),
                    key="unusual-table",
                    label="Outliers",
                )


def _coverage(whole: int, types: Sequence[RunTimes]) -> str:
    known = sum(one.count for one in types)
    if not whole:
        return "No known completed jobs in this period."
    if not known:
        return f"{job_count(whole)} completed in this period; start times not loaded yet."
    if known == whole:
        return f"Based on all known completed jobs in this period ({count(whole)})."
    return (
        f"Based on {count(known)} of {count(whole)} known completed jobs in this period; "
        "the other start times are not loaded yet."
    )


def _legend(types: Sequence[RunTimes]) -> str:
    """Explain only the marks that the chart contains."""
    words: list[str] = []
    if any(one.quartiles for one in types):
        words.append("Box: middle half of the jobs, with the median. Thin line: usual range.")
    if any(one.unusual for one in types):
        words.append("Orange dot: outlier.")
    if not all(one.quartiles for one in types):
        words.append(f"Blue dot: one job (fewer than {MIN_JOBS} of its type).")
    return " ".join([*words, "Queue time is not included."])


def _chart(types: Sequence[RunTimes]) -> None:
    shortest = comparable(min(one.shortest for one in types))
    longest = comparable(max(one.longest for one in types))
    by_type = {
        "field": "type",
        "type": "nominal",
        "title": None,
        "sort": {"field": "rank", "op": "min"},
        "axis": {"labelLimit": 150},
    }

    def along(field: str) -> Spec:
        return duration_axis(field, shortest, longest, title="Run time (log scale)")

    def of_boxes(mark: Spec, **encoding: Spec) -> Spec:
        of_all = {"y": by_type, "color": {"value": BLUE}, "tooltip": _BOX_TOOLTIP}
        return {"data": {"name": "boxes"}, "mark": mark, "encoding": {**of_all, **encoding}}

    of_dots = {
        "y": by_type,
        "x": along("seconds"),
        "color": {
            "field": "kind",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": ["usual", "unusual"], "range": [BLUE, ORANGE]},
        },
        "tooltip": tooltip(file="File", words="Run time", ended="Finished"),
    }
    layers = [
        of_boxes({"type": "rule"}, x=along("low"), x2={"field": "high"}),
        of_boxes(
            {"type": "bar", "size": _BOX, "opacity": 0.45}, x=along("lower"), x2={"field": "upper"}
        ),
        of_boxes({"type": "tick", "size": _BOX + 6, "thickness": 3}, x=along("median")),
        {
            "data": {"name": "dots"},
            "mark": {"type": "point", "size": 45, "filled": True, "opacity": 0.9},
            "encoding": of_dots,
        },
    ]
    draw_chart(
        {"layer": layers, "height": _HEIGHT + _TYPE_HEIGHT * max(_FEWEST_TYPES, len(types))},
        {"boxes": _boxes(types), "dots": _dots(types)},
        key="durations-chart",
        description="Box plot of the run times of completed jobs by job type",
    )


def _boxes(types: Sequence[RunTimes]) -> pd.DataFrame:
    rows = [
        (
            *(_label(one), rank, one.job_type, one.count),
            *(box.low, box.lower_quartile, box.median, box.upper_quartile, box.high),
            run_time_text(box.median),
            f"{run_time_text(box.lower_quartile)} to {run_time_text(box.upper_quartile)}",
            f"{run_time_text(box.low)} to {run_time_text(box.high)}",
        )
        for rank, one in enumerate(types)
        if (box := one.quartiles) is not None
    ]
    names = ["type", "rank", "name", "jobs", "low", "lower", "median", "upper", "high"]
    words = ["median_words", "middle_words", "usual_words"]
    return pd.DataFrame(rows, columns=[*names, *words])


def _dots(types: Sequence[RunTimes]) -> pd.DataFrame:
    at = zone(zone_name())
    rows = [
        (
            *(_label(one), rank, "unusual" if one.quartiles else "usual"),
            seconds(job),
            run_time_text(job.run_seconds),
            truncate(display_name(job.file_path), 60),
            f"{job.completed_at.astimezone(at):%Y-%m-%d %H:%M} ({zone_name()})"
            if job.completed_at
            else "–",
        )
        for rank, one in enumerate(types)
        for job in _most_unusual(one)
    ]
    return pd.DataFrame(rows, columns=["type", "rank", "kind", "seconds", "words", "file", "ended"])


def _most_unusual(one: RunTimes) -> Sequence[JobRecord]:
    farthest = _MOST_DOTS // 2
    if len(one.apart) <= _MOST_DOTS:
        return one.apart
    return (*one.apart[:farthest], *one.apart[-farthest:])


def _label(one: RunTimes) -> str:
    return f"{one.job_type} ({count(one.count)})"
