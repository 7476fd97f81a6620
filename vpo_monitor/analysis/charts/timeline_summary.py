"""Text and table alternatives of a timeline."""

import pandas as pd

from vpo_monitor.analysis.charts.timeline import MAX_LANES, Bar, Shape, Timeline
from vpo_monitor.analysis.estimates.estimate_text import expected_text
from vpo_monitor.analysis.formatting import display_name, duration, job_count
from vpo_monitor.analysis.frames import moments, status_label
from vpo_monitor.analysis.number_format import count
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

PERIODS = {"1h": "1 hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
MAX_TEXT = 200
"""Maximum characters of a file name or an error in a tooltip."""


def summary_text(timeline: Timeline, period: str | None, total: int | None = None) -> str:
    """Describe what is and is not drawn; `total` is the server's number of jobs in this period.

    `period` is None if the timeline shows a fixed range.
    """
    newest = len(timeline.bars) + timeline.beyond
    there_are = max(timeline.in_window, total or 0)
    if not there_are:
        when = "in this time" if period is None else f"in the last {PERIODS[period]}"
        said = [f"No jobs {when}."]
    elif newest < there_are:
        said = [f"Newest {count(newest)} of {count(there_are)} jobs."]
    else:
        said = [f"{job_count(there_are)}."]
    if timeline.starts_known < newest:
        said.append(
            f"Start times loaded for {count(timeline.starts_known)} of {count(newest)} jobs so far."
        )
    if timeline.beyond:
        said.append(f"Not shown: {job_count(timeline.beyond)} beyond the first {MAX_LANES} lanes.")
    if timeline.without_time:
        said.append(f"Not shown: {job_count(timeline.without_time)} without any timestamp.")
    return " ".join(said)


def wait_seconds(bar: Bar) -> int | None:
    """Return whole seconds from creation to start, or to the end if the job never started."""
    job = bar.job
    until = job.started_at if bar.shape is Shape.RUN else job.completed_at
    if bar.shape is Shape.WHOLE or job.created_at is None or until is None:
        return None
    return max(0, int((until - job.created_at).total_seconds()))


def run_seconds(bar: Bar) -> int | None:
    """Return whole seconds from start to end."""
    return None if bar.job.run_seconds is None else int(bar.job.run_seconds)


def total_seconds(bar: Bar) -> int | None:
    """Return whole seconds from creation to end if the start in between is unknown."""
    job = bar.job
    if bar.shape is not Shape.WHOLE or job.created_at is None or job.completed_at is None:
        return None
    return max(0, int((job.completed_at - job.created_at).total_seconds()))


def bar_file_name(bar: Bar) -> str:
    """Return the sanitized name of the job's file."""
    return display_name(bar.job.file_path)


def newest_first(timeline: Timeline) -> list[Bar]:
    """Sort the bars for a table."""
    return sorted(
        timeline.bars, key=lambda bar: (bar.job.created_at or bar.begins, bar.job.id), reverse=True
    )


def timeline_frame(timeline: Timeline) -> pd.DataFrame:
    """Return one row per job, newest first; times are UTC."""
    shown = newest_first(timeline)
    times = {
        name: moments([getattr(bar.job, f"{name}_at") for bar in shown])
        for name in ("created", "started", "completed")
    }
    return pd.DataFrame(
        {
            "status": [[status_label(bar.job.status)] for bar in shown],
            "type": [plain_line(bar.job.job_type, LONGEST_NAME) for bar in shown],
            "file": [bar_file_name(bar) for bar in shown],
            "policy": [plain_line(bar.job.policy_name or "", LONGEST_NAME) for bar in shown],
            **times,
            "wait": [duration(wait_seconds(bar)) for bar in shown],
            "run": [duration(run_seconds(bar)) for bar in shown],
            "together": [duration(total_seconds(bar)) for bar in shown],
            "expected": [
                "" if bar.expected is None else expected_text(bar.expected) for bar in shown
            ],
            "error": [plain_line(bar.job.error or "") for bar in shown],
            "lane": [timeline.lanes[bar.row] for bar in shown],
        }
    )
