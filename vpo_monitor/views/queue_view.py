"""The queue over time on the statistics page."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.queue_over_time import QueueOverTime, QueueSlot
from vpo_monitor.analysis.charts.statistics_frames import queue_table
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.formatting import duration
from vpo_monitor.analysis.number_format import count
from vpo_monitor.views.charts import (
    BLUE,
    COUNT_FORMAT,
    ORANGE,
    draw_chart,
    time_axis,
    tooltip,
    vega_time,
)
from vpo_monitor.views.data_table import folded_table
from vpo_monitor.views.local_time import minute, zone_name

_HEIGHT = 260
_KINDS = {"Running": BLUE, "Queued": ORANGE}


def queue_chart(
    queue: QueueOverTime, mean_queue_time: float | None, provenance: Provenance
) -> None:
    """Draw the running and queued jobs of a period.

    `mean_queue_time` is that of the jobs that finished in it, in seconds, None if unknown.
    """
    st.subheader("Queue over time", anchor=False)
    peak = queue.peak
    figures = (
        ("Longest queue", count(None if peak is None else peak.queued)),
        ("Mean queue time", duration(mean_queue_time)),
    )
    with st.container(key="queue-figures", horizontal=True):
        for label, value in figures:
            st.metric(label, value, border=True, width="stretch")
    with st.container(key="queue-over-time"):
        if not queue.slots:
            st.caption("Not monitored in this period.")
            return
        _chart(queue)
        reached = f"Longest at {minute(peak.at)} ({zone_name()}). " if peak and peak.queued else ""
        st.caption(f"{reached}Highest counts in each {_length(queue)}. Gaps: not monitored.")
        folded_table(queue_table(queue.slots), provenance.of("queue-over-time"), key="queue-table")


def _length(queue: QueueOverTime) -> str:
    minutes = round(queue.slot.total_seconds() / 60)
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _chart(queue: QueueOverTime) -> None:
    along = time_axis("at", queue.since, queue.until)
    most = max((slot.running or 0) + (slot.queued or 0) for slot in queue.slots)
    areas = {
        "data": {"name": "areas"},
        # The line is all that is drawn of no jobs, which a gap must not look like.
        "mark": {
            "type": "area",
            "interpolate": "step-after",
            "clip": True,
            "opacity": 0.85,
            "line": {"strokeWidth": 2},
        },
        "encoding": {
            "x": along,
            "y": {
                "field": "high",
                "type": "quantitative",
                "title": "Jobs",
                "scale": {"domainMin": 0, "domainMax": max(1, most)},
                "axis": {"tickMinStep": 1, "format": COUNT_FORMAT},
            },
            "y2": {"field": "low"},
            "detail": {"field": "run", "type": "nominal"},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(_KINDS), "range": list(_KINDS.values())},
                "legend": {"orient": "top", "direction": "horizontal"},
            },
        },
    }
    slots = {  # invisible, for their tooltips
        "data": {"name": "slots"},
        "mark": {"type": "rect", "clip": True, "opacity": 0},
        "encoding": {
            "x": along,
            "x2": {"field": "end"},
            "tooltip": tooltip(time="Time", running="Running", queued="Queued"),
        },
    }
    draw_chart(
        {"layer": [areas, slots], "height": _HEIGHT},
        {"areas": _areas(queue.slots), "slots": _slots(queue.slots)},
        key="queue-chart",
        description="Running and queued jobs over time; gaps where VPO was not monitored",
    )


def _areas(slots: Sequence[QueueSlot]) -> pd.DataFrame:
    """Return the corners of the areas; each run of slots without a gap is an area of its own."""
    rows: list[tuple[str, int, int, int, int]] = []
    for kind in _KINDS:
        run, end = 0, None
        for slot in slots:
            height = slot.running if kind == "Running" else slot.queued
            low = 0 if kind == "Running" else slot.running or 0
            if slot.begin != end:
                run += 1
            end = None
            if height is not None:
                end = slot.end
                if rows and rows[-1][:2] == (kind, run):
                    rows.pop()  # where the slot before ended
                rows += [
                    (kind, run, vega_time(at), low, low + height) for at in (slot.begin, slot.end)
                ]
    return pd.DataFrame(rows, columns=["kind", "run", "at", "low", "high"])


def _slots(slots: Sequence[QueueSlot]) -> pd.DataFrame:
    rows = [
        (
            vega_time(slot.begin),
            vega_time(slot.end),
            f"{minute(slot.begin)} ({zone_name()})",
            count(slot.running),
            count(slot.queued),
        )
        for slot in slots
    ]
    return pd.DataFrame(rows, columns=["at", "end", "time", "running", "queued"])
