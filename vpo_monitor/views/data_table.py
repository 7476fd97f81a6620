"""A table with CSV and JSON downloads."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.statistics_frames import BYTES, SECONDS, readable
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.exports.table import table_from_frame
from vpo_monitor.views.downloads import downloads
from vpo_monitor.views.local_time import zone_name


def data_table(
    table: pd.DataFrame,
    provenance: Provenance,
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Draw a table with readable sizes, durations and times; its downloads hold exact numbers.

    `columns` overrides the configuration of columns on screen.
    """
    st.dataframe(
        readable(table),
        key=key,
        hide_index=True,
        placeholder="–",
        column_config={**_formats(table), **(columns or {})},
    )
    downloads(table_from_frame(table), provenance, key=key)


def decimal_column(label: str) -> Any:
    """A number column with one decimal; the label names the unit."""
    return st.column_config.NumberColumn(label, format="localized", step=0.1)


def folded_table(
    table: pd.DataFrame, provenance: Provenance, *, key: str, label: str = "Table"
) -> None:
    """Draw a chart's table in a collapsed expander."""
    with st.expander(label, key=f"{key}-fold"):
        data_table(table, provenance, key=key)


def _formats(table: pd.DataFrame) -> dict[str, Any]:
    """Column formats: numbers in the browser's locale, times in the viewer's zone.

    The header of a time column names the zone.
    """
    names = [str(name) for name in table.columns]
    time_columns = [str(name) for name in table.select_dtypes("datetimetz").columns]
    return {
        **{
            str(name): st.column_config.NumberColumn(format="localized")
            for name in table.select_dtypes("number").columns
        },
        **{
            name.removesuffix(BYTES): decimal_column(f"{name.removesuffix(BYTES)} (GB)")
            for name in names
            if name.endswith(BYTES)
        },
        **{
            name.removesuffix(SECONDS): st.column_config.NumberColumn(format="localized")
            for name in names
            if name.endswith(SECONDS)
        },
        **{
            name: st.column_config.DatetimeColumn(
                f"{name} ({zone_name()})", timezone=st.context.timezone, format="YYYY-MM-DD HH:mm"
            )
            for name in time_columns
        },
    }
