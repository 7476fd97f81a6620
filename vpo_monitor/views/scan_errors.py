"""The files that a scan could not read, as a table with filter and export."""

import streamlit as st

from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.exports.table import table_from_scan_errors
from vpo_monitor.analysis.frames import scan_errors_frame
from vpo_monitor.analysis.number_format import count
from vpo_monitor.api.models import ScanErrors
from vpo_monitor.views.downloads import downloads
from vpo_monitor.views.placeholder import skipped_note


def scan_errors(errors: ScanErrors, provenance: Provenance) -> None:
    """Draw the files that failed, filtered by path and error."""
    st.subheader("Scan errors", anchor=False)
    with st.container(key="scan-errors-filter", horizontal=True, vertical_alignment="bottom"):
        query = st.text_input("Filter", key="scan-errors-find", width=260).strip()
        rows = [
            row
            for row in errors.rows
            if query.casefold() in f"{row.path}\n{row.filename}\n{row.error}".casefold()
        ]
        if query:
            provenance = provenance.narrowed(f"search-{query}", search=query)
        downloads(table_from_scan_errors(rows), provenance, key="scan-errors")
    st.dataframe(
        scan_errors_frame(rows),
        key="scan-errors",
        hide_index=True,
        column_config={"Error": st.column_config.TextColumn(width="large")},
    )
    st.caption(
        f"{count(len(rows))} of {count(len(errors.rows))} files"
        if query
        else f"{count(len(errors.rows))} file{'' if len(errors.rows) == 1 else 's'}"
    )
    if errors.total_errors > len(errors.rows) + errors.skipped:
        st.caption(f"VPO reports {count(errors.total_errors)} scan errors in total.")
    skipped_note(errors.skipped, "row")
