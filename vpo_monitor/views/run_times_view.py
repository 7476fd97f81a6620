"""How long jobs run, by type."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from vpo_monitor.insight.charts.run_times import (
    FEW,
    RunTimes,
    completed,
    run_times,
    run_words,
    seconds,
)
from vpo_monitor.insight.charts.statistics_frames import jobs_table, run_times_table
from vpo_monitor.insight.exports.origin import Origin
from vpo_monitor.insight.numerals import count
from vpo_monitor.insight.watching.job_record import JobRecord
from vpo_monitor.insight.wording import cut, jobs_words, shown_name
from vpo_monitor.insight.zones import zone
from vpo_monitor.views.charts import BLUE, COUNT, ORANGE, duration_axis, show
from vpo_monitor.views.data_table import table_behind
from vpo_monitor.views.jobs_table import zone_name

_BOX = 18
_HEIGHT, _TYPE_HEIGHT, _FEWEST_TYPES = 110, 36, 3
"""Pixels without the types and for each; with fewer types than that the chart is no lower."""
_MOST_DOTS = 100
"""A type; the most unusual of more are drawn."""


def durations(records: Sequence[JobRecord], origin: Origin) -> None:
    """Draw the run times of those of the jobs that completed."""
    st.subheader("Run time by type of job", anchor=False)
    types = run_times(records)
    with st.container(key="durations"):
        st.caption(_coverage(records, types))
        if types:
            _chart(types)
            st.caption(_legend(types))
            origin_of_types = origin.of("run-times-by-type")
            table_behind(run_times_table(types), origin_of_types, key="durations-table")
            unusual = [job for one in types for job in reversed(one.unusual)]
            if unusual:
                table_behind(
                    jobs_table(unusual),
                    origin.of("unusual-run-times"),
                    key="unusual-table",
                    label="Unusual jobs",
                )


def _coverage(records: Sequence[JobRecord], types: Sequence[RunTimes]) -> str:
    whole = len(completed(records))
    known = sum(len(one.jobs) for one in types)
    if not whole:
        return "No job is known to have completed in this time."
    if not known:
        return f"{jobs_words(whole)} completed in this time; the start is not known yet."
    if known == whole:
        return f"From {jobs_words(whole)}: all that are known to have completed in this time."
    return (
        f"From {count(known)} of the {jobs_words(whole)} that are known to have completed in this "
        "time; when the others started is not known yet."
    )


def _legend(types: Sequence[RunTimes]) -> str:
    """How to read what is drawn, and nothing else."""
    words: list[str] = []
    if any(one.spread for one in types):
        words.append(
            "A box holds the middle half of the jobs, with a line at the median; the thin line "
            "reaches from the usual shortest to the usual longest."
        )
    if any(one.unusual for one in types):
        words.append("An orange dot is an unusual job.")
    if not all(one.spread for one in types):
        words.append(f"A blue dot is one job; a type has a box from {FEW} jobs on.")
    return " ".join([*words, "The wait in the queue is no part of a run time."])


def _chart(types: Sequence[RunTimes]) -> None:
    boxes, dots = _boxes(types), _dots(types)
    times = [seconds(job) for one in types for job in (one.jobs[0], one.jobs[-1])]
    by_type = alt.Y(
        "type:N",
        title=None,
        sort=alt.EncodingSortField("rank", op="min"),
        axis=alt.Axis(labelLimit=150),
    )
    told = [
        alt.Tooltip("name:N", title="Type"),
        alt.Tooltip("jobs:Q", title="Jobs", format=COUNT),
        alt.Tooltip("median_words:N", title="Median"),
        alt.Tooltip("middle_words:N", title="Middle half"),
        alt.Tooltip("usual_words:N", title="Usual"),
    ]

    def along(field: str) -> alt.X:
        return duration_axis(field, min(times), max(times), title="Run time (logarithmic)")

    base = alt.Chart(boxes).encode(y=by_type, tooltip=told, color=alt.value(BLUE))
    layers = alt.layer(
        base.mark_rule().encode(x=along("low"), x2="high:Q"),
        base.mark_bar(size=_BOX, opacity=0.45).encode(x=along("lower"), x2="upper:Q"),
        base.mark_tick(size=_BOX + 6, thickness=3).encode(x=along("median")),
        alt.Chart(dots)
        .mark_point(size=45, filled=True, opacity=0.9)
        .encode(
            y=by_type,
            x=along("seconds"),
            color=alt.Color(
                "kind:N",
                legend=None,
                scale=alt.Scale(domain=["usual", "unusual"], range=[BLUE, ORANGE]),
            ),
            tooltip=[
                alt.Tooltip("file:N", title="File"),
                alt.Tooltip("words:N", title="Run time"),
                alt.Tooltip("ended:N", title="Ended"),
            ],
        ),
    )
    show(
        layers.properties(height=_HEIGHT + _TYPE_HEIGHT * max(_FEWEST_TYPES, len(types))),
        key="durations-chart",
        description="Run times of completed jobs as a box for each type of job",
    )


def _boxes(types: Sequence[RunTimes]) -> pd.DataFrame:
    rows = [
        (
            *(_label(one), rank, one.job_type, len(one.jobs)),
            *(box.low, box.lower_quartile, box.median, box.upper_quartile, box.high),
            run_words(box.median),
            f"{run_words(box.lower_quartile)} to {run_words(box.upper_quartile)}",
            f"{run_words(box.low)} to {run_words(box.high)}",
        )
        for rank, one in enumerate(types)
        if (box := one.spread) is not None
    ]
    names = ["type", "rank", "name", "jobs", "low", "lower", "median", "upper", "high"]
    words = ["median_words", "middle_words", "usual_words"]
    return pd.DataFrame(rows, columns=[*names, *words])


def _dots(types: Sequence[RunTimes]) -> pd.DataFrame:
    at = zone(zone_name())
    rows = [
        (
            *(_label(one), rank, "unusual" if one.spread else "usual"),
            seconds(job),
            run_words(job.run_seconds),
            cut(shown_name(job.file_path), 60),
            f"{job.completed_at.astimezone(at):%Y-%m-%d %H:%M} ({zone_name()})"
            if job.completed_at
            else "–",
        )
        for rank, one in enumerate(types)
        for job in _most_unusual(one)
    ]
    return pd.DataFrame(rows, columns=["type", "rank", "kind", "seconds", "words", "file", "ended"])


def _most_unusual(one: RunTimes) -> Sequence[JobRecord]:
    if one.spread is None:
        return one.jobs
    farthest = _MOST_DOTS // 2
    if len(one.unusual) <= _MOST_DOTS:
        return one.unusual
    return (*one.unusual[:farthest], *one.unusual[-farthest:])


def _label(one: RunTimes) -> str:
    return f"{one.job_type} ({count(len(one.jobs))})"
