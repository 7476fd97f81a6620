"""The buttons with which a viewer takes a table along."""

import streamlit as st

from vpo_monitor.insight.exports.csv_text import csv_bytes
from vpo_monitor.insight.exports.json_text import json_bytes
from vpo_monitor.insight.exports.provenance import Provenance
from vpo_monitor.insight.exports.table import Table

_MIMES = {"csv": "text/csv", "json": "application/json"}


def download_button(
    data: bytes, provenance: Provenance, kind: str, *, key: str, is_off: bool
) -> None:
    """Draw the button for a file of a kind, `csv` or `json`.

    Streamlit is given the file as it is: what it makes only on a click may be gone before the
    browser has fetched it, as it is cleared away when the second page of whichever viewer is drawn.
    """
    st.download_button(
        kind.upper(),
        data,
        provenance.file_name(kind),
        _MIMES[kind],
        key=f"{key}-{kind}",
        icon=":material/download:",
        on_click="ignore",
        disabled=is_off,
    )


def downloads(table: Table, provenance: Provenance, *, key: str) -> None:
    """Draw the buttons for a table; they are off where it has no rows."""
    with st.container(key=f"{key}-downloads", horizontal=True):
        for kind, data in (("csv", csv_bytes(table)), ("json", json_bytes(table, provenance))):
            download_button(data, provenance, kind, key=key, is_off=not table.rows)
