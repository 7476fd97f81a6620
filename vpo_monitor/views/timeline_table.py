"""The jobs of a timeline as a table, an accessible alternative to the chart."""

import streamlit as st

from vpo_monitor.analysis.charts.timeline import Timeline
from vpo_monitor.analysis.charts.timeline_summary import timeline_frame
from vpo_monitor.analysis.exports import table
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.views.downloads import downloads
from vpo_monitor.views.jobs_table import status_column
from vpo_monitor.views.local_time import zone_name


def timeline_table(timeline: Timeline, provenance: Provenance) -> None:
    """Draw the table in an expander; it is built only while open."""
    box = st.expander("Table", key="timeline-table-open", on_change="rerun")
    if not box.open:
        return
    times = {
        name: st.column_config.DatetimeColumn(
            f"{label} ({zone_name()})",
            timezone=st.context.timezone,
            format="YYYY-MM-DD HH:mm:ss",
            width=150,
        )
        for name, label in (
            ("created", "Created"),
            ("started", "Started"),
            ("completed", "Finished"),
        )
    }
    box.dataframe(
        timeline_frame(timeline),
        key="timeline-table",
        hide_index=True,
        placeholder="–",
        column_config={
            "status": status_column(),
            "type": "Type",
            "file": st.column_config.TextColumn("File", width=235),
            "policy": st.column_config.TextColumn("Policy", width=150),
            "lane": "Lane",
            "wait": "Queue time",
            "run": "Run time",
            "together": st.column_config.TextColumn(
                "Total time", help="Time from creation to finish, if the start is unknown."
            ),
            "expected": st.column_config.TextColumn("Expected", width="medium"),
            "error": st.column_config.TextColumn("Error", width="medium"),
            **times,
        },
    )
    with box:
        downloads(table.table_from_timeline(timeline), provenance, key="timeline")
