"""The files of VPO's library: codecs, growth, and files with problems."""

from typing import Any

import streamlit as st

from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.polling import queries
from vpo_monitor.polling.snapshot import Snapshot
from vpo_monitor.views import refresh
from vpo_monitor.views.library_view import (
    codec_charts,
    growth_charts,
    library_figures,
    problem_files,
    section,
    unavailable,
)
from vpo_monitor.views.server_choice import current_server

_MAX_AGE = 300.0
_MOST_FILES = 100

server = current_server()


def provenance(reader: Reader, data: Snapshot[Any]) -> Provenance:
    """Return the provenance of tables with this data."""
    return Provenance(server.server, reader.seen_at(data.fetched_at))


def draw(reader: Reader) -> None:
    """Draw what VPO provides of its library."""
    distribution = reader.read(queries.library_distribution(), _MAX_AGE)
    trends = reader.read(queries.library_trends(), _MAX_AGE)
    with_errors, missing = (
        reader.read(queries.library_files(status, limit=_MOST_FILES), _MAX_AGE)
        for status in ("error", "missing")
    )
    library_figures(trends.data, distribution.data, with_errors.data, missing.data)
    of_codecs, of_growth = provenance(reader, distribution), provenance(reader, trends)
    section("Containers and codecs", distribution, lambda data: codec_charts(data, of_codecs))
    section("Files and size over time", trends, lambda data: growth_charts(data, of_growth))
    with st.container():
        st.subheader("Files with errors or missing", anchor=False)
        problem_files(with_errors.data, missing.data, provenance(reader, with_errors))
        for what, snapshot in (("files with errors", with_errors), ("missing files", missing)):
            if snapshot.data is None:
                unavailable(what, snapshot)


refresh.view(draw)
