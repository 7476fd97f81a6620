"""Tables of statistics: plain numbers with the unit in the column name, as in CSV.

`readable` converts them for display, where they still sort as numbers.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from vpo_monitor.analysis.charts.failure_reasons import Reason
from vpo_monitor.analysis.charts.periods import Period, period_name
from vpo_monitor.analysis.charts.queue_over_time import QueueSlot
from vpo_monitor.analysis.charts.run_times import RunTimes
from vpo_monitor.analysis.formatting import display_name
from vpo_monitor.analysis.frames import moments
from vpo_monitor.api.models import PolicyStats
from vpo_monitor.history.records import JobRecord
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

BYTES, SECONDS = " (bytes)", " (s)"
"""Suffixes of column names with these units."""
SUCCESS_RATE = "Success rate (%)"

_MINUTE, _HOUR = 60, 3600
_GIGABYTE = 1e9
_LONGEST = 1e9
"""Seconds, thirty years; longer durations are implausible."""
_PRECISE_BELOW = 10


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Convert the table for display: sizes in GB, rounded times, column names without units."""
    return pd.DataFrame(
        {
            name.removesuffix(BYTES).removesuffix(SECONDS): _readable(table[name], name)
            for name in map(str, table.columns)
        }
    )


def _readable(column: "pd.Series[Any]", name: str) -> "pd.Series[Any]":
    if name.endswith(BYTES):
        return column.astype("Float64") / _GIGABYTE
    return _times(column) if name.endswith(SECONDS) else column


def _times(column: "pd.Series[float]") -> "pd.Series[pd.Timedelta]":
    """Convert seconds to times: tenths for short ones, whole minutes for long ones."""
    return pd.Series(
        [
            pd.Timedelta(seconds=_rounded(seconds)) if 0 <= seconds <= _LONGEST else pd.NaT
            for seconds in column.astype("Float64").fillna(-1.0)
        ],
        dtype="timedelta64[ms]",
    )


def _rounded(seconds: float) -> float:
    if seconds < _PRECISE_BELOW:
        return round(seconds, 1)
    return float(round(seconds) if seconds < _HOUR else round(seconds / _MINUTE) * _MINUTE)


def policies_table(policies: Sequence[PolicyStats]) -> pd.DataFrame:
    """Return one row per policy."""
    return pd.DataFrame(
        {
            "Policy": [plain_line(row.policy_name, LONGEST_NAME) for row in policies],
            "Files": [row.files_processed for row in policies],
            SUCCESS_RATE: [
                None if row.success_rate is None else 100 * row.success_rate for row in policies
            ],
            "Saved (bytes)": pd.Series([row.total_size_saved for row in policies], dtype="Int64"),
            "Average time per file (s)": [row.avg_processing_time for row in policies],
            "Last used": moments([row.last_used for row in policies]),
        }
    )


def periods_table(periods: Sequence[Period], group_by: str) -> pd.DataFrame:
    """Return one row per period, newest first."""
    newest_first = list(reversed(periods))
    return pd.DataFrame(
        {
            period_title(group_by): [period_name(p, group_by) for p in newest_first],
            "Succeeded": [p.succeeded for p in newest_first],
            "Failed": [p.failed for p in newest_first],
            "Saved (bytes)": pd.Series([p.saved for p in newest_first], dtype="Int64"),
        }
    )


def queue_table(slots: Sequence[QueueSlot]) -> pd.DataFrame:
    """Return one row per monitored slot, newest first, with its highest counts."""
    newest_first = list(reversed(slots))
    return pd.DataFrame(
        {
            "From": moments([slot.begin for slot in newest_first]),
            "Running": pd.Series([slot.running for slot in newest_first], dtype="Int64"),
            "Queued": pd.Series([slot.queued for slot in newest_first], dtype="Int64"),
        }
    )


def period_title(group_by: str) -> str:
    """Return the title of the period column, with the server's time zone."""
    return {"day": "Day (UTC)", "week": "Week starting (UTC)", "month": "Month (UTC)"}[group_by]


def run_times_table(types: Sequence[RunTimes]) -> pd.DataFrame:
    """Return one row per job type; quartiles are empty if there are too few jobs."""
    quartiles = [one.quartiles for one in types]
    return pd.DataFrame(
        {
            "Type": [one.job_type for one in types],
            "Jobs": [one.count for one in types],
            "Shortest (s)": [one.shortest for one in types],
            "Lower quartile (s)": [s.lower_quartile if s else None for s in quartiles],
            "Median (s)": [one.median for one in types],
            "Upper quartile (s)": [s.upper_quartile if s else None for s in quartiles],
            "Longest (s)": [one.longest for one in types],
            "Outliers": [len(one.unusual) for one in types],
        }
    )


def run_time_jobs_table(records: Sequence[JobRecord]) -> pd.DataFrame:
    """Return one row per job, with its run time."""
    return pd.DataFrame(
        {
            "Type": [plain_line(record.job_type, LONGEST_NAME) for record in records],
            "Run time (s)": [record.run_seconds for record in records],
            "File": [display_name(record.file_path) for record in records],
            "Finished": moments([record.completed_at for record in records]),
            "Job ID": [plain_line(record.id) for record in records],
        }
    )


def reasons_table(reasons: Sequence[Reason]) -> pd.DataFrame:
    """Return one row per reason; the example is the latest error and its file."""
    return pd.DataFrame(
        {
            "Jobs": [reason.count for reason in reasons],
            "Reason": [reason.text for reason in reasons],
            "First seen": moments([reason.first_seen for reason in reasons]),
            "Last seen": moments([reason.last_seen for reason in reasons]),
            "Example": [plain_line(reason.example.error or "") for reason in reasons],
            "Path": [plain_line(reason.example.file_path) for reason in reasons],
        }
    )
