"""The elements of the library page."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from vpo_monitor.analysis.charts.library import (
    Point,
    Share,
    growth,
    growth_table,
    largest_shares,
    problems_table,
    shares,
    shares_table,
    thinned,
)
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.number_format import count, size, size_unit
from vpo_monitor.api import errors
from vpo_monitor.api.models import LibraryDistribution, LibraryPage, LibraryTrends
from vpo_monitor.polling.snapshot import Snapshot
from vpo_monitor.views.charts import (
    BLUE,
    COUNT_FORMAT,
    TEAL,
    Spec,
    draw_chart,
    time_axis,
    tooltip,
    vega_time,
)
from vpo_monitor.views.data_table import data_table, folded_table
from vpo_monitor.views.local_time import minute, zone_name
from vpo_monitor.views.placeholder import placeholder, skipped_note

T = TypeVar("T")

_BAR_HEIGHT, _AXIS_HEIGHT, _FEWEST_BARS = 30, 60, 3
_GROWTH_HEIGHT = 260
_LONGEST_LABEL = 90
"""Pixels of a name beside its bar; the tooltip and the table have all of it."""


def section(title: str, snapshot: Snapshot[T], draw: Callable[[T], None]) -> None:
    """Draw a part of the page, or its title and why its data isn't there."""
    with st.container():
        if snapshot.data is not None:
            draw(snapshot.data)
        else:
            st.subheader(title, anchor=False)
            unavailable(title.lower(), snapshot)


def unavailable(what: str, snapshot: Snapshot[Any]) -> None:
    """Say why `what` (lower case, without an article) isn't there."""
    if isinstance(snapshot.error, errors.ANSWERS):
        st.caption(f"This VPO doesn't provide {what}. A newer version may.")
    else:
        placeholder(what, snapshot)


def library_figures(
    trends: LibraryTrends | None,
    distribution: LibraryDistribution | None,
    with_errors: LibraryPage | None,
    missing: LibraryPage | None,
) -> None:
    """Draw the library's numbers as cards; a dash if VPO hasn't provided one."""
    points = growth(trends.rows) if trends else []
    last = points[-1] if points else None
    files = last.total_files if last else None
    if files is None and distribution is not None and distribution.containers.rows:
        files = sum(share.files for share in shares("Container", distribution.containers.rows))
    errors_found = last.error_files if last else None
    missing_found = last.missing_files if last else None
    figures = (
        ("Files", count(files)),
        ("Size", size(last.total_size_bytes if last else None)),
        ("With errors", count(with_errors.total if with_errors else errors_found)),
        ("Missing", count(missing.total if missing else missing_found)),
    )
    with st.container(key="library-figures", horizontal=True):
        for label, value in figures:
            st.metric(label, value, border=True, width="stretch")


def codec_charts(distribution: LibraryDistribution, provenance: Provenance) -> None:
    """Draw how many files have each container, video codec and audio codec."""
    lists = {
        "Container": distribution.containers,
        "Video": distribution.video_codecs,
        "Audio": distribution.audio_codecs,
    }
    found = {kind: shares(kind, one.rows) for kind, one in lists.items()}
    everything = [share for of_kind in found.values() for share in of_kind]
    if everything:
        bars = {kind: largest_shares(of_kind) for kind, of_kind in found.items()}
        most_bars = max(map(len, bars.values()))
        titles = ("Containers", "Video codecs", "Audio codecs")
        for column, title, kind in zip(st.columns(3), titles, bars, strict=True):
            with column:
                st.subheader(title, anchor=False)
                _bars(bars[kind], most_bars, key=f"library-{kind.lower()}", description=title)
        folded_table(shares_table(everything), provenance.of("codecs"), key="library-codecs")
    else:
        st.subheader("Containers and codecs", anchor=False)
        st.caption("No files known. They appear after VPO's first scan.")
    skipped_note(sum(one.skipped for one in lists.values()), "row")


def _bars(found: Sequence[Share], most_bars: int, *, key: str, description: str) -> None:
    if not found:
        st.caption("None known.")
        return
    names = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "sort": None,
        "axis": {"labelLimit": _LONGEST_LABEL},
    }
    files = {
        "field": "files",
        "type": "quantitative",
        "title": "Files",
        # Room for the numbers at the ends of the bars.
        "scale": {"domainMin": 0, "domainMax": 1.25 * max(1, *(share.files for share in found))},
        "axis": {"tickMinStep": 1, "tickCount": 3, "format": COUNT_FORMAT},
    }
    hints = tooltip(name="Name", words="Files")
    bars: Spec = {
        "mark": {"type": "bar", "height": {"band": 0.7}, "color": BLUE},
        "encoding": {"y": names, "x": files, "tooltip": hints},
    }
    numbers: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 4},
        "encoding": {"y": names, "x": files, "text": {"field": "words"}, "tooltip": hints},
    }
    data = pd.DataFrame(
        {
            "name": [share.label for share in found],
            "files": [share.files for share in found],
            "words": [count(share.files) for share in found],
        }
    )
    height = _AXIS_HEIGHT + _BAR_HEIGHT * max(_FEWEST_BARS, most_bars)
    draw_chart(
        {"data": {"name": "shares"}, "layer": [bars, numbers], "height": height},
        {"shares": data},
        key=key,
        description=f"{description} of the library's files",
    )


def growth_charts(trends: LibraryTrends, provenance: Provenance) -> None:
    """Draw files and size at each scan."""
    points = growth(trends.rows)
    with st.container(key="library-growth"):
        if points:
            files, sizes = st.columns(2)
            with files:
                st.subheader("Files over time", anchor=False)
                _files_chart(points)
            with sizes:
                st.subheader("Size over time", anchor=False)
                _size_chart(points)
            folded_table(growth_table(points), provenance.of("library-growth"), key="library-scans")
        else:
            st.subheader("Files and size over time", anchor=False)
            st.caption("No scans known.")
    skipped_note(trends.skipped, "row")


def _files_chart(points: Sequence[Point]) -> None:
    known = [(p, p.total_files, count(p.total_files)) for p in points if p.total_files is not None]
    _line(known, "Files", BLUE, 1, key="library-files-chart")


def _size_chart(points: Sequence[Point]) -> None:
    known = [
        (p, p.total_size_bytes, size(p.total_size_bytes))
        for p in points
        if p.total_size_bytes is not None
    ]
    unit, its_bytes = size_unit(max((value for _point, value, _words in known), default=0))
    _line(known, f"Size ({unit})", TEAL, its_bytes, key="library-size-chart")


def _line(
    known: Sequence[tuple[Point, int, str]], title: str, color: str, unit: int, *, key: str
) -> None:
    """Draw a line with the values of each point in a unit."""
    if not known:
        st.caption("Not known.")
        return
    begin, end = known[0][0].snapshot_at, known[-1][0].snapshot_at
    of_point = {point: (value, words) for point, value, words in known}
    rows = [
        (
            vega_time(point.snapshot_at),
            of_point[point][0] / unit,
            minute(point.snapshot_at),
            of_point[point][1],
        )
        for point in thinned([point for point, *_values in known])
    ]
    values = {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": True, "nice": True},
        "axis": {"tickMinStep": 1, "format": COUNT_FORMAT} if unit == 1 else {},
    }
    draw_chart(
        {
            "data": {"name": "scans"},
            "height": _GROWTH_HEIGHT,
            "mark": {
                "type": "line",
                "color": color,
                "interpolate": "step-after",
                "point": {"color": color, "size": 20},
            },
            "encoding": {
                "x": time_axis("at", begin if begin < end else begin - timedelta(days=1), end),
                "y": values,
                "tooltip": tooltip(time=f"Scan ({zone_name()})", words=title.partition(" (")[0]),
            },
        },
        {"scans": pd.DataFrame(rows, columns=["at", "value", "time", "words"])},
        key=key,
        description=f"{title} of the library at each scan",
    )


def problem_files(
    with_errors: LibraryPage | None, missing: LibraryPage | None, provenance: Provenance
) -> None:
    """Draw the files that scans couldn't read or no longer find, as far as they are known."""
    pages = [page for page in (with_errors, missing) if page is not None]
    files = [file for page in pages for file in page.rows]
    with st.container(key="library-problems"):
        if files:
            data_table(
                problems_table(files), provenance.of("library-problems"), key="problem-files"
            )
        total = sum(max(page.total, len(page.rows) + page.skipped) for page in pages)
        if not total and len(pages) == 2:  # noqa: PLR2004 - both
            st.caption("No file has an error, and none is missing.")
        if total > len(files):
            st.caption(f"Showing {count(len(files))} of {count(total)} files.")
    skipped_note(sum(page.skipped for page in pages), "file")
