"""What VPO has done so far: totals, policies, periods."""

import streamlit as st

from vpo_monitor.api.models import Policies, StatsSummary, Trends
from vpo_monitor.insight.frames import policies_frame, trends_frame
from vpo_monitor.insight.wording import count, size
from vpo_monitor.views.jobs_table import zone_name

_MINUTE = 60


def totals(summary: StatsSummary) -> None:
    """Draw the totals."""
    # Of no files the server says 0 % and 0 s, which would read as a bad result.
    rate = summary.success_rate if summary.total_files_processed else None
    time_a_file = summary.avg_processing_time if summary.total_files_processed else None
    figures = (
        ("Files processed", count(summary.total_files_processed)),
        ("Success", "–" if rate is None else f"{100 * rate:.1f} %"),
        ("Space saved", size(summary.total_size_saved)),
        ("Time a file", _short(time_a_file)),
        ("Videos transcoded", count(summary.total_videos_transcoded)),
    )
    with st.container(key="statistics", horizontal=True):
        for label, value in figures:
            st.metric(label, value, border=True, width=167)


def policies_table(policies: Policies) -> None:
    """Draw a row for each policy."""
    st.subheader("Policies", anchor=False)
    st.dataframe(
        policies_frame(policies.rows),
        key="policies",
        hide_index=True,
        column_config={
            "Success": st.column_config.NumberColumn(format="%.1f %%"),
            "Last used": st.column_config.DatetimeColumn(
                f"Last used ({zone_name()})",
                timezone=st.context.timezone,
                format="YYYY-MM-DD HH:mm",
            ),
        },
    )
    _say_skipped(policies.skipped)


def trends_chart(trends: Trends) -> None:
    """Draw files processed over time."""
    st.subheader("Files processed by day", anchor=False)
    if trends.rows:
        st.bar_chart(
            trends_frame(trends.rows), color=["#3d9970", "#d9534f"], height=260, x_label="Day"
        )
    else:
        st.caption("Nothing was processed in this time.")
    _say_skipped(trends.skipped)


def _short(seconds: float | None) -> str:
    """A time that fits into a card."""
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < _MINUTE else f"{seconds / _MINUTE:.1f} min"


def _say_skipped(skipped: int) -> None:
    if skipped:
        st.caption(f"{skipped} rows of VPO's answer could not be read and are left out.")
