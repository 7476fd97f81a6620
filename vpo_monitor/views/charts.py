"""What all charts share: colours for both themes and for all eyes, and an axis of durations.

A chart is a specification of Vega-Lite (https://vega.github.io/vega-lite/docs/) with the tables
that it names. Altair would make and validate each of them anew on each tick; here it validates them
in the tests.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from vpo_monitor.insight.locale_formats import ENGLISH, NumberFormat
from vpo_monitor.insight.number_format import viewer_format

Spec = dict[str, Any]
"""A chart, or a part of one, as Vega-Lite has it."""

# All have a contrast of 3 or more on the light and on the dark background, and differ in lightness
# or between blue and orange, which the usual kinds of colour blindness keep apart.
BLUE = "#3b82c4"
TEAL = "#2a9187"
ORANGE = "#d07a12"
FAILURE = "#d9534f"
"""Red, for failures only."""

AXIS_COLOURS = {"light": "#4a5767", "dark": "#a9b6c6"}
"""Of what the axes say, for each theme: Streamlit's own is too pale on a light background."""

COUNT_FORMAT = ",d"
"""The format of counts, as Vega names it; its signs are those of the viewer's locale."""

_COARSE = (0.1, 1, 5, 30, 120, 600, 3600, 5 * 3600, 86400, 5 * 86400, 30 * 86400)
_FINE = tuple(
    sorted({*_COARSE, 0.2, 0.5, 2, 10, 20, 60, 300, 1800, 2 * 3600, 10 * 3600, 2 * 86400})
)
"""Seconds at which an axis of durations can have a label; the fine ones where few others are."""
_FEW_LABELS = 4
_MOST_GROUPS = 8
_DURATION_WORDS = (
    "datum.value < 60 ? format(datum.value, '~f') + ' s'"
    " : datum.value < 3600 ? datum.value / 60 + ' min'"
    " : datum.value < 86400 ? datum.value / 3600 + ' h' : datum.value / 86400 + ' d'"
)


def draw_chart(
    chart: Spec, tables: Mapping[str, pd.DataFrame], *, key: str, description: str
) -> None:
    """Draw a chart as wide as its place; it needs a height of its own, so that nothing jumps.

    Text of the server's may be in the `tables` only, never in a name, a title or the description.
    To a screen reader it is that description alone: its marks would be signs without a name, and
    the table below has what they show.
    """
    ink = AXIS_COLOURS.get(st.context.theme.type or "light", AXIS_COLOURS["light"])
    words = {"labelColor": ink, "titleColor": ink}
    config: Spec = {"mark": {"aria": False}, "axis": words, "legend": words}
    number_format = viewer_format()
    if number_format != ENGLISH:  # which Vega writes by itself
        config["locale"] = {"number": _as_vega_has_it(number_format)}
    drawn = {**chart, "datasets": dict(tables), "config": config}
    # Its height also as Streamlit's, which keeps it free until what draws charts has been loaded.
    st.vega_lite_chart(
        spec=drawn, key=key, width="stretch", height=chart["height"], alt=description
    )


def _as_vega_has_it(number_format: NumberFormat) -> Spec:
    """Number signs for the numbers of axes and tooltips. Groups are listed from the last one on."""
    groups = [number_format.primary, *[number_format.secondary] * _MOST_GROUPS]
    written = {"decimal": number_format.decimal, "thousands": number_format.group}
    return {**written, "grouping": groups, "currency": ["", ""]}


def tooltip(**titles: str) -> list[Spec]:
    """What is told of a mark below the pointer: these fields, which are text, by these titles."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def count_tooltip(field: str, title: str) -> Spec:
    """A count that is told of a mark below the pointer."""
    return {"field": field, "type": "quantitative", "title": title, "format": COUNT_FORMAT}


def duration_axis(field: str, shortest: float, longest: float, *, title: str) -> Spec:
    """A logarithmic axis, from the label below `shortest` to that above `longest` (seconds)."""
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
            "labelExpr": _DURATION_WORDS,
            "labelOverlap": "greedy",
            "labelFlush": True,
        },
    }
