"""The files that a scan could not read, as a table that can be searched and taken along."""

import streamlit as st

from vpo_monitor.api.models import ScanErrors
from vpo_monitor.insight.exports.origin import Origin
from vpo_monitor.insight.exports.table import scan_errors_table
from vpo_monitor.insight.frames import scan_errors_frame
from vpo_monitor.insight.numerals import count
from vpo_monitor.views.downloads import downloads


def scan_errors(errors: ScanErrors, origin: Origin) -> None:
    """Draw the failed files, those that hold what the viewer looks for."""
    st.subheader("Files that could not be scanned", anchor=False)
    with st.container(key="scan-errors-filter", horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input("Path or error contains", key="scan-errors-find", width=260).strip()
        rows = [
            row
            for row in errors.rows
            if wanted.casefold() in f"{row.path}\n{row.filename}\n{row.error}".casefold()
        ]
        if wanted:
            origin = origin.within(f"search-{wanted}", search=wanted)
        downloads(scan_errors_table(rows), origin, key="scan-errors")
    st.dataframe(
        scan_errors_frame(rows),
        key="scan-errors",
        hide_index=True,
        column_config={"Error": st.column_config.TextColumn(width="large")},
    )
    st.caption(
        f"{count(len(rows))} of {count(len(errors.rows))} files"
        if wanted
        else f"{count(len(errors.rows))} file{'' if len(errors.rows) == 1 else 's'}"
    )
    if errors.total_errors > len(errors.rows) + errors.skipped:
        st.caption(f"VPO tells of {count(errors.total_errors)} in all.")
    if errors.skipped:
        st.caption(f"{count(errors.skipped)} more could not be read from VPO's answer.")
