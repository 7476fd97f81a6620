"""The failure reasons on the statistics page."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from vpo_monitor.analysis.charts.failure_reasons import Reason, is_known, reasons
from vpo_monitor.analysis.charts.statistics_frames import reasons_table
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.formatting import job_count, truncate
from vpo_monitor.analysis.number_format import count
from vpo_monitor.history.records import JobRecord, error_words
from vpo_monitor.views.data_table import data_table
from vpo_monitor.views.jobs_list import job_line
from vpo_monitor.views.link_list import link_list

_LONGEST_REASON = 120
"""Characters of a reason to show in the list of choices."""
_MOST_LINKS = 50


def failure_reasons(records: Sequence[JobRecord], provenance: Provenance, now: datetime) -> None:
    """Draw the reasons of the failed jobs in `records`; their text comes from VPO.

    `now` is the time on the server's clock (UTC).
    """
    st.subheader("Failure reasons", anchor=False)
    found = reasons(records)
    with st.container(key="reasons"):
        st.caption(_coverage(records))
        if found:
            data_table(
                reasons_table(found),
                provenance.of("failure-reasons"),
                key="reasons-table",
                columns={
                    "Jobs": st.column_config.ProgressColumn(
                        format="localized",
                        min_value=0,
                        max_value=max(reason.count for reason in found),
                        color="red",
                        width=90,
                    ),
                    "Reason": st.column_config.TextColumn(width="large"),
                    "Example": st.column_config.TextColumn(width="large"),
                },
            )
            _jobs_of_a_reason(found, now)


def _jobs_of_a_reason(found: Sequence[Reason], now: datetime) -> None:
    """Draw a choice of reasons, and links to the latest jobs that failed for the chosen one."""
    by_text = {reason.text: reason for reason in found}
    chosen = st.selectbox(
        "Jobs that failed because of",
        list(by_text),
        index=None,
        key="reason",
        format_func=lambda text: (
            f"{truncate(text, _LONGEST_REASON)} ({count(by_text[text].count)})"
        ),
        placeholder="Choose a reason",
    )
    reason = by_text.get(chosen or "")
    if reason is None:
        return
    lines = [job_line(job, error_words(job), now) for job in reason.jobs[:_MOST_LINKS]]
    link_list(lines, key="reason-jobs")
    if reason.count > _MOST_LINKS:
        st.caption(f"The latest {count(_MOST_LINKS)} of {count(reason.count)} jobs.")


def _coverage(records: Sequence[JobRecord]) -> str:
    known = sum(map(is_known, records))
    if not records:
        return "No known failed jobs in this period."
    if not known:
        return f"{job_count(len(records))} failed in this period; reasons not loaded yet."
    alike = "Errors that differ only in file, number or name are grouped."
    if known == len(records):
        return f"Based on all known failed jobs in this period ({count(known)}). {alike}"
    return (
        f"Based on {count(known)} of {count(len(records))} known failed jobs in this period; "
        f"the other reasons are not loaded yet. {alike}"
    )
