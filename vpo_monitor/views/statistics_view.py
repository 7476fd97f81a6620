"""Totals and the policy table of the statistics page."""

from datetime import datetime, timedelta

import streamlit as st

from vpo_monitor.analysis.charts.statistics_frames import SUCCESS_RATE, policies_table
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.formatting import duration, is_credible
from vpo_monitor.analysis.number_format import count, decimal, percent, size
from vpo_monitor.api.models import Policies, StatsSummary
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import QueueTimes
from vpo_monitor.views.data_table import data_table, decimal_column
from vpo_monitor.views.placeholder import skipped_note

_MINUTE = 60
_LEAST_SHARE, _FULL_SHARE = 0.5, 0.995
"""Shares of a period that were monitored: with less than the first, it says nothing; from the
second on, it is complete, as an app that restarts misses a few seconds."""


def totals(summary: StatsSummary) -> None:
    """Draw the totals as cards."""
    # Without files the server reports 0 % and 0 s, which would look like bad results.
    rate = summary.success_rate if summary.total_files_processed else None
    average_time = summary.avg_processing_time if summary.total_files_processed else None
    figures = (
        ("Files processed", count(summary.total_files_processed)),
        ("Success rate", "–" if rate is None else percent(100 * rate, 1)),
        ("Space saved", size(summary.total_size_saved)),
        ("Average time per file", _short(average_time)),
        ("Videos transcoded", count(summary.total_videos_transcoded)),
    )
    with st.container(key="statistics", horizontal=True):
        for label, value in figures:
            st.metric(label, value, border=True, width="stretch")


def throughput(
    tracker: JobTracker,
    finished: int | None,
    queue_times: QueueTimes,
    since: timedelta | None,
    now: datetime,
) -> None:
    """Draw how many jobs finished per hour and how long they had waited.

    `queue_times` are those of the `finished` jobs, whose number is None if it isn't known yet.
    `since` is the length of the period until `now` (UTC, server's clock), None for all time. The
    period before it is beside it, if it was monitored.
    """
    first = None if since is None else now - since
    before: dict[str, str] = {}
    notes = []
    if since is not None and first is not None:
        share = tracker.monitored_share(first - since, first)
        if share >= _LEAST_SHARE:
            before_it = (first - since, first)
            finished_before = tracker.count_finished(*before_it).total()
            before = _throughput(finished_before, tracker.queue_times(*before_it), since)
            if share < _FULL_SHARE:
                notes.append(
                    f"Of the {_length(since)} before, {percent(100 * share)} were monitored."
                )
    st.subheader("Throughput and queue time", anchor=False)
    with st.container(key="throughput", horizontal=True):
        for label, value in _throughput(finished, queue_times, since).items():
            st.metric(
                label,
                value,
                f"{before[label]} the {_length(since)} before" if since and before else None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                width="stretch",
            )
    known = queue_times.known
    if finished and known < finished:
        notes.append(f"Queue times are known of {count(known)} of {count(finished)} jobs.")
    if notes:
        st.caption(" ".join(notes))


def _throughput(
    finished: int | None, queue_times: QueueTimes, period: timedelta | None
) -> dict[str, str]:
    """Return labels and values for a number of finished jobs and their queue times."""
    hours = None if period is None else period / timedelta(hours=1)
    return {
        "Jobs finished": count(finished),
        "Per hour": "–" if hours is None or finished is None else decimal(finished / hours, 1),
        "Median queue time": duration(queue_times.median),
        "90 % waited at most": duration(queue_times.high),
    }


def _length(period: timedelta) -> str:
    return "24 hours" if period <= timedelta(hours=24) else f"{period.days} days"


def policies(answer: Policies, provenance: Provenance) -> None:
    """Draw a table with one row per policy."""
    st.subheader("Policies", anchor=False)
    data_table(
        policies_table(answer.rows),
        provenance.of("policies"),
        key="policies",
        columns={SUCCESS_RATE: decimal_column(SUCCESS_RATE)},
    )
    skipped_note(answer.skipped, "row")


def _short(seconds: float | None) -> str:
    """Format a duration to fit on a card."""
    if seconds is None or not is_credible(seconds):
        return "–"
    return (
        f"{decimal(seconds, 0)} s" if seconds < _MINUTE else f"{decimal(seconds / _MINUTE, 1)} min"
    )
