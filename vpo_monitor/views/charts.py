"""Shared parts of all charts: accessible colors, tooltips and a duration axis.

Charts are plain Vega-Lite specifications (https://vega.github.io/vega-lite/docs/) with the tables
that they name. Building them with Altair would validate them on every tick; the tests do that.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.time_axis import ticks
from vpo_monitor.analysis.locale_formats import ENGLISH, NumberFormat
from vpo_monitor.analysis.number_format import viewer_format
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.local_time import viewer_zone, zone_name

Spec = dict[str, Any]
"""A Vega-Lite specification, or part of one."""

# Each has a contrast of at least 3:1 with the light and the dark background. They differ in
# lightness or along blue–orange, which people with common color blindness can tell apart.
BLUE = "#3b82c4"
TEAL = "#2a9187"
ORANGE = "#d07a12"
FAILURE = "#d9534f"
"""Red, reserved for failures."""

AXIS_COLORS = {"light": "#4a5767", "dark": "#a9b6c6"}
"""Axis text per theme; Streamlit's default is too pale on a light background."""

COUNT_FORMAT = ",d"
"""Vega's format for counts; the separators come from the viewer's locale."""

_COARSE = (0.1, 1, 5, 30, 120, 600, 3600, 5 * 3600, 86400, 5 * 86400, 30 * 86400)
_FINE = tuple(
    sorted({*_COARSE, 0.2, 0.5, 2, 10, 20, 60, 300, 1800, 2 * 3600, 10 * 3600, 2 * 86400})
)
"""Label positions of a duration axis in seconds; the fine ones apply if few coarse ones fit."""
_FEW_LABELS = 4
_KIOSK_SCALE = 1.5
_MOST_GROUPS = 8
_DURATION_LABEL = (
    "datum.value < 60 ? format(datum.value, '~f') + ' s'"
    " : datum.value < 3600 ? datum.value / 60 + ' min'"
    " : datum.value < 86400 ? datum.value / 3600 + ' h' : datum.value / 86400 + ' d'"
)


def draw_chart(
    chart: Spec, tables: Mapping[str, pd.DataFrame], *, key: str, description: str
) -> None:
    """Draw a chart at full width; it must set its height, so that the layout does not shift.

    Text from the server belongs in `tables` only, never in a name, a title or the description.
    Screen readers get the description alone: the marks have no names, and the table below the chart
    holds their values.
    """
    ink = AXIS_COLORS.get(st.context.theme.type or "light", AXIS_COLORS["light"])
    text = {"labelColor": ink, "titleColor": ink}
    config: Spec = {"mark": {"aria": False}, "axis": text, "legend": text, "text": {"color": ink}}
    number_format = viewer_format()
    if number_format != ENGLISH:  # Vega's default
        config["locale"] = {"number": _vega_locale(number_format)}
    spec = {**chart, "datasets": dict(tables), "config": config}
    # Streamlit reserves this height until its chart code has loaded.
    st.vega_lite_chart(spec=spec, key=key, width="stretch", height=chart["height"], alt=description)


def chart_height(height: int) -> int:
    """Return a chart's height in pixels: higher on a wall screen, whose axes have large type."""
    return round(_KIOSK_SCALE * height) if is_kiosk() else height


def _vega_locale(number_format: NumberFormat) -> Spec:
    """Vega's locale for numbers in axes and tooltips. Groups are listed from the last one on."""
    groups = [number_format.primary, *[number_format.secondary] * _MOST_GROUPS]
    written = {"decimal": number_format.decimal, "thousands": number_format.group}
    return {**written, "grouping": groups, "currency": ["", ""]}


def tooltip(**titles: str) -> list[Spec]:
    """A tooltip with these text fields, as `field="Title"`."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def count_tooltip(field: str, title: str) -> Spec:
    """A tooltip field that shows a count."""
    return {"field": field, "type": "quantitative", "title": title, "format": COUNT_FORMAT}


def vega_time(moment: datetime) -> int:
    """Return the time in milliseconds, as a field of `time_axis`."""
    return round(1000 * moment.timestamp())


def time_axis(field: str, since: datetime, until: datetime) -> Spec:
    """An axis from one time to another in the viewer's zone; `field` holds `vega_time`s."""
    labels = {vega_time(tick.at): tick.label for tick in ticks(since, until, viewer_zone())}
    texts = json.dumps({str(at): label for at, label in labels.items()})
    return {
        "field": field,
        "type": "quantitative",
        "title": f"Time ({zone_name()})",
        "scale": {
            "domain": [vega_time(since), vega_time(until)],
            "zero": False,
            "nice": False,
        },
        "axis": {
            "values": list(labels),
            "labelExpr": f"({texts})[datum.value]",
            "labelOverlap": "parity",
            "grid": False,
        },
    }


def duration_axis(field: str, shortest: float, longest: float, *, title: str) -> Spec:
    """A logarithmic axis from the label below `shortest` to the one above `longest` (seconds)."""
    lower = max((step for step in _COARSE if step <= shortest), default=_COARSE[0])
    upper = min((step for step in _COARSE if step >= longest and step > lower), default=longest)
    labels, fine = ([at for at in steps if lower <= at <= upper] for steps in (_COARSE, _FINE))
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "domain": [lower, upper], "clamp": True, "nice": False},
        "axis": {
            "values": labels if len(labels) > _FEW_LABELS else fine,
            "labelExpr": _DURATION_LABEL,
            "labelOverlap": "greedy",
            "labelFlush": True,
        },
    }
