"""Charts of files processed and space saved over time."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.periods import Period, period_name, periods
from vpo_monitor.analysis.charts.statistics_frames import period_title, periods_table
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.number_format import size, size_unit
from vpo_monitor.api.models import Trends
from vpo_monitor.views.charts import (
    BLUE,
    COUNT_FORMAT,
    FAILURE,
    TEAL,
    Spec,
    chart_height,
    count_tooltip,
    draw_chart,
    tooltip,
)
from vpo_monitor.views.data_table import folded_table
from vpo_monitor.views.placeholder import skipped_note

_HEIGHT = 260
_MOST_LABELS = 5
_WIDEST_BAR = 40
_TABLE = "periods"
# On both charts, so that their baselines and heights match.
_LEGEND = {"orient": "top", "direction": "horizontal"}


def processed_over_time(
    trends: Trends, group_by: str, since: str | None, now: datetime, provenance: Provenance
) -> None:
    """Draw files and space per `day`, `week` or `month`, for the period `since` up to `now`."""
    shown = periods(trends.rows, group_by, since, now)
    with st.container(key="processed"):
        if not shown:
            st.subheader("Files processed and space saved", anchor=False)
            st.caption("No files processed in this period.")
        else:
            files, space = st.columns(2)
            with files:
                st.subheader(f"Files per {group_by}", anchor=False)
                _files_chart(shown, group_by)
            with space:
                st.subheader(f"Space saved per {group_by}", anchor=False)
                _space_chart(shown, group_by)
            if since is not None:
                st.caption(
                    f"The first {group_by} is partial: it includes only files within the period."
                )
            folded_table(
                periods_table(shown, group_by),
                provenance.of(f"processed-by-{group_by}"),
                key="processed-table",
            )
    skipped_note(trends.skipped, "row")


def _files_chart(shown: Sequence[Period], group_by: str) -> None:
    kinds = ("Failed", "Succeeded")  # failures at the bottom, where they are easy to compare
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
            color=_colored("outcome", {"Failed": FAILURE, "Succeeded": BLUE}),
            order={"field": "rank", "type": "quantitative"},
            tooltip=[
                *tooltip(period=period_title(group_by), outcome="Outcome"),
                count_tooltip("files", "Files"),
            ],
        ),
        {_TABLE: data},
        key="files-chart",
        description=f"Succeeded and failed files per {group_by}",
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
            color=_colored("what", {what: TEAL}),
            tooltip=tooltip(period=period_title(group_by), words=what),
        ),
        {_TABLE: data},
        key="space-chart",
        description=f"Space saved in {unit} per {group_by}",
    )


def _colored(field: str, colors: dict[str, str]) -> Spec:
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(colors), "range": list(colors.values())},
        "legend": _LEGEND,
    }


def _bars(names: Sequence[str], group_by: str, **encoding: Spec | Sequence[Spec]) -> Spec:
    """A bar chart over periods; bars fill the width up to a maximum."""
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
        "height": chart_height(_HEIGHT),
        "mark": {"type": "bar", "size": {"expr": width}},
        "encoding": {"x": periods_axis, **encoding},
    }
