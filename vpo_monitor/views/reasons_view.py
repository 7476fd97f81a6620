"""The failure reasons on the statistics page."""

from collections.abc import Sequence

import streamlit as st

from vpo_monitor.history.records import JobRecord
from vpo_monitor.insight.charts.failure_reasons import is_known, reasons
from vpo_monitor.insight.charts.statistics_frames import reasons_table
from vpo_monitor.insight.exports.provenance import Provenance
from vpo_monitor.insight.formatting import job_count
from vpo_monitor.insight.number_format import count
from vpo_monitor.views.data_table import data_table


def failure_reasons(records: Sequence[JobRecord], provenance: Provenance) -> None:
    """Draw the reasons of the failed jobs in `records`; their text comes from VPO."""
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
