"""A table that can be taken along."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from vpo_monitor.insight.charts.statistics_frames import BYTES, SECONDS, readable
from vpo_monitor.insight.exports.provenance import Provenance
from vpo_monitor.insight.exports.table import table_from_frame
from vpo_monitor.views.downloads import downloads
from vpo_monitor.views.local_time import zone_name


def data_table(
    table: pd.DataFrame,
    provenance: Provenance,
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
) -> None:
    """Draw a table with sizes, times and moments as people read them; its files have its numbers.

    `columns` says more about columns of the table on screen.
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
    """A column of numbers with a decimal each; their unit stands in the label."""
    return st.column_config.NumberColumn(label, format="localized", step=0.1)


def folded_table(
    table: pd.DataFrame, provenance: Provenance, *, key: str, label: str = "Table"
) -> None:
    """Draw the table of a chart, folded away until the viewer wants it."""
    with st.expander(label, key=f"{key}-fold"):
        data_table(table, provenance, key=key)


def _formats(table: pd.DataFrame) -> dict[str, Any]:
    """How numbers, times and moments are shown, the latter with the viewer's zone in their head.

    Numbers have the signs of the browser's locale.
    """
    names = [str(name) for name in table.columns]
    moments = [str(name) for name in table.select_dtypes("datetimetz").columns]
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
            for name in moments
        },
    }
