"""Files processed and space saved over time."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from vpo_monitor.api.models import Trends
from vpo_monitor.insight.charts.periods import Period, period_name, periods
from vpo_monitor.insight.charts.statistics_frames import period_title, periods_table
from vpo_monitor.insight.exports.origin import Origin
from vpo_monitor.insight.numerals import count, size, size_unit
from vpo_monitor.views.charts import (
    BLUE,
    COUNT_FORMAT,
    FAILURE,
    TEAL,
    Spec,
    count_tooltip,
    draw_chart,
    tooltip,
)
from vpo_monitor.views.data_table import folded_table

_HEIGHT = 260
_MOST_LABELS = 5
_WIDEST_BAR = 40
_TABLE = "periods"
# Above both charts, so that their bars stand on one ground and are equally high.
_LEGEND = {"orient": "top", "direction": "horizontal"}


def processed_over_time(
    trends: Trends, group_by: str, since: str | None, now: datetime, origin: Origin
) -> None:
    """Draw what was processed, by `day`, `week` or `month`, within `since` before `now`."""
    shown = periods(trends.rows, group_by, since, now)
    with st.container(key="processed"):
        if not shown:
            st.subheader("Files processed and space saved", anchor=False)
            st.caption("Nothing was processed in this time.")
        else:
            files, space = st.columns(2)
            with files:
                st.subheader(f"Files processed by {group_by}", anchor=False)
                _files_chart(shown, group_by)
            with space:
                st.subheader(f"Space saved by {group_by}", anchor=False)
                _space_chart(shown, group_by)
            if since is not None:
                st.caption(f"Of the first {group_by}, only the part within the time is counted.")
            folded_table(
                periods_table(shown, group_by),
                origin.of(f"processed-by-{group_by}"),
                key="processed-table",
            )
    if trends.skipped:
        st.caption(
            f"{count(trends.skipped)} rows of VPO's answer could not be read and are left out."
        )


def _files_chart(shown: Sequence[Period], group_by: str) -> None:
    kinds = ("Failed", "Succeeded")  # failures stand on the ground, where they can be compared
    names = [period_name(period, group_by) for period in shown]
    data = pd.DataFrame(
        {
            "period": names * 2,
            "outcome": [kind for kind in kinds for _ in shown],
            "rank": [rank for rank in range(len(kinds)) for _ in shown],
            "files": [p.failed for p in shown] + [p.succeeded for p in shown],
        }
    )
    most = max(p.failed + p.succeeded for p in shown)
    draw_chart(
        _bars(
            names,
            group_by,
            y={
                "field": "files",
                "type": "quantitative",
                "title": "Files",
                "scale": {"domainMin": 0, "domainMax": max(1, most)},
                "axis": {"tickMinStep": 1, "format": COUNT_FORMAT},
            },
            color=_coloured("outcome", {"Failed": FAILURE, "Succeeded": BLUE}),
            order={"field": "rank", "type": "quantitative"},
            tooltip=[
                *tooltip(period=period_title(group_by), outcome="Outcome"),
                count_tooltip("files", "Files"),
            ],
        ),
        {_TABLE: data},
        key="files-chart",
        description=f"Files that succeeded and failed, by {group_by}",
    )


def _space_chart(shown: Sequence[Period], group_by: str) -> None:
    unit, its_bytes = size_unit(max(abs(period.saved or 0) for period in shown))
    what = "Space saved"
    names = [period_name(period, group_by) for period in shown]
    data = pd.DataFrame(
        {
            "period": names,
            "what": what,
            "saved": [None if p.saved is None else p.saved / its_bytes for p in shown],
            "words": [size(period.saved) for period in shown],
        }
    ).astype({"saved": float})
    draw_chart(
        _bars(
            names,
            group_by,
            y={"field": "saved", "type": "quantitative", "title": f"{what} ({unit})"},
            color=_coloured("what", {what: TEAL}),
            tooltip=tooltip(period=period_title(group_by), words=what),
        ),
        {_TABLE: data},
        key="space-chart",
        description=f"Space saved in {unit}, by {group_by}",
    )


def _coloured(field: str, colours: dict[str, str]) -> Spec:
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": _LEGEND,
    }


def _bars(names: Sequence[str], group_by: str, **encoding: Spec | Sequence[Spec]) -> Spec:
    """Bars at periods, as wide as there is room but no wider than bars look well."""
    step = -(-len(names) // _MOST_LABELS)
    periods_axis = {
        "field": "period",
        "type": "ordinal",
        "title": period_title(group_by),
        "sort": None,
        "axis": {"labelAngle": 0, "labelOverlap": "greedy", "values": names[::-step][::-1]},
    }
    width = f"max(1, min({_WIDEST_BAR}, 0.8 * width / {len(names)}))"
    return {
        "data": {"name": _TABLE},
        "height": _HEIGHT,
        "mark": {"type": "bar", "size": {"expr": width}},
        "encoding": {"x": periods_axis, **encoding},
    }
