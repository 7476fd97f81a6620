"""Download buttons for tables."""

import streamlit as st

from vpo_monitor.analysis.exports.csv_text import csv_bytes
from vpo_monitor.analysis.exports.json_text import json_bytes
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.exports.table import Table

_MIMES = {"csv": "text/csv", "json": "application/json"}


def download_button(
    data: bytes, provenance: Provenance, kind: str, *, key: str, is_disabled: bool
) -> None:
    """Draw a button that downloads `data` as a file of `kind`: `csv` or `json`.

    The data is passed up front: a file made on click may be deleted before the browser has fetched
    it, because Streamlit clears such files when any other viewer's page is drawn.
    """
    st.download_button(
        kind.upper(),
        data,
        provenance.file_name(kind),
        _MIMES[kind],
        key=f"{key}-{kind}",
        icon=":material/download:",
        on_click="ignore",
        disabled=is_disabled,
    )


def downloads(table: Table, provenance: Provenance, *, key: str) -> None:
    """Draw a CSV and a JSON button, disabled if the table is empty."""
    with st.container(key=f"{key}-downloads", horizontal=True):
        for kind, data in (("csv", csv_bytes(table)), ("json", json_bytes(table, provenance))):
            download_button(data, provenance, kind, key=key, is_disabled=not table.rows)
