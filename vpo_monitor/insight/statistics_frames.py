"""Statistics as tables: raw numbers, whose unit stands in the column's name, for CSV and screen.

`readable` puts them into words for the screen.
"""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from vpo_monitor.api.models import PolicyStats
from vpo_monitor.insight.failure_reasons import Reason
from vpo_monitor.insight.job_record import JobRecord
from vpo_monitor.insight.periods import Period, period_name
from vpo_monitor.insight.run_times import RunTimes, run_words
from vpo_monitor.insight.wording import file_name, size
from vpo_monitor.plain_text import plain_line

_BYTES, _SECONDS = " (bytes)", " (s)"


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """The table with sizes and times in words, and without the units in its columns' names."""
    shown = {}
    for name, column in table.items():
        words = size if str(name).endswith(_BYTES) else run_words
        if str(name).endswith((_BYTES, _SECONDS)):
            told = [words(None if pd.isna(value) else float(value)) for value in column]
            shown[str(name).removesuffix(_BYTES).removesuffix(_SECONDS)] = pd.Series(
                told, dtype=object
            )
        else:
            shown[str(name)] = column
    return pd.DataFrame(shown)


def policies_table(policies: Sequence[PolicyStats]) -> pd.DataFrame:
    """One row a policy; Success is in percent."""
    return pd.DataFrame(
        {
            "Policy": [plain_line(row.policy_name) for row in policies],
            "Files": [row.files_processed for row in policies],
            "Success": [None if r.success_rate is None else 100 * r.success_rate for r in policies],
            "Saved (bytes)": pd.Series([row.total_size_saved for row in policies], dtype="Int64"),
            "Time a file (s)": [row.avg_processing_time for row in policies],
            "Last used": _moments([row.last_used for row in policies]),
        }
    )


def periods_table(periods: Sequence[Period], group_by: str) -> pd.DataFrame:
    """One row a period, the newest first."""
    newest_first = list(reversed(periods))
    return pd.DataFrame(
        {
            period_title(group_by): [period_name(p, group_by) for p in newest_first],
            "Succeeded": [p.succeeded for p in newest_first],
            "Failed": [p.failed for p in newest_first],
            "Saved (bytes)": pd.Series([p.saved for p in newest_first], dtype="Int64"),
        }
    )


def period_title(group_by: str) -> str:
    """What the names of such periods are, with the zone in which the server counts them."""
    return {"day": "Day (UTC)", "week": "Week from (UTC)", "month": "Month (UTC)"}[group_by]


def run_times_table(types: Sequence[RunTimes]) -> pd.DataFrame:
    """One row a type of job; quartiles only where there are jobs enough for them."""
    spreads = [one.spread for one in types]
    return pd.DataFrame(
        {
            "Type": [one.job_type for one in types],
            "Jobs": [len(one.jobs) for one in types],
            "Shortest (s)": [one.jobs[0].run_seconds for one in types],
            "Lower quartile (s)": [s.lower_quartile if s else None for s in spreads],
            "Median (s)": [one.median for one in types],
            "Upper quartile (s)": [s.upper_quartile if s else None for s in spreads],
            "Longest (s)": [one.jobs[-1].run_seconds for one in types],
            "Unusual": [len(one.unusual) for one in types],
        }
    )


def jobs_table(records: Sequence[JobRecord]) -> pd.DataFrame:
    """One row a job, with its run time."""
    return pd.DataFrame(
        {
            "Type": [plain_line(record.job_type) for record in records],
            "Run time (s)": [record.run_seconds for record in records],
            "File": [plain_line(file_name(record.file_path)) for record in records],
            "Ended": _moments([record.completed_at for record in records]),
            "Job id": [plain_line(record.id) for record in records],
        }
    )


def reasons_table(reasons: Sequence[Reason]) -> pd.DataFrame:
    """One row a reason; the example is the latest error, with the file that it is about."""
    return pd.DataFrame(
        {
            "Jobs": [reason.count for reason in reasons],
            "Reason": [reason.text for reason in reasons],
            "Latest": _moments([reason.latest for reason in reasons]),
            "Example": [plain_line(reason.example.error or "") for reason in reasons],
            "Path": [plain_line(reason.example.file_path) for reason in reasons],
        }
    )


def _moments(moments: Sequence[datetime | None]) -> pd.Series:
    return pd.to_datetime(pd.Series(list(moments), dtype=object), utc=True)
