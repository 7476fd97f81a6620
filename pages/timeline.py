"""The jobs of a period as bars over time."""

from collections.abc import Mapping

import streamlit as st

from vpo_monitor.analysis.charts.time_range import FROM, TO
from vpo_monitor.analysis.charts.timeline import (
    expected_positions,
    length_of,
    read_timeline,
    window,
)
from vpo_monitor.analysis.charts.timeline_summary import summary_text
from vpo_monitor.analysis.estimates.queue_starts import ExpectedTimes
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.overview import read_queue
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.analysis.since import SINCE
from vpo_monitor.polling import queries
from vpo_monitor.polling.jobs_copy import all_jobs
from vpo_monitor.views import refresh
from vpo_monitor.views.local_time import zone_name
from vpo_monitor.views.placeholder import placeholder
from vpo_monitor.views.server_choice import current_server
from vpo_monitor.views.timeline_chart import timeline_chart
from vpo_monitor.views.timeline_choice import timeline_choice
from vpo_monitor.views.timeline_table import timeline_table
from vpo_monitor.views.watch_note import watch_note

_ALL_MAX_AGE = 600.0
_NEWEST_MAX_AGE = 30.0

server = current_server()
shown, by = timeline_choice(server.tracker.now())
length = length_of(shown)
period: str | None = None
if isinstance(shown, str):
    period = name = shown
    reach, choices = length, {"since": shown}
else:
    name, reach = f"{shown.since:%Y%m%dT%H%MZ}", server.tracker.now() - shown.since
    choices = {FROM: shown.since.isoformat(), TO: shown.until.isoformat()}
listed = next((one for one, time in SINCE.items() if reach <= time), "30d")
"""The shortest period for which VPO lists all of these jobs, or most of them."""


def read_expected(reader: Reader) -> Mapping[str, ExpectedTimes]:
    """Return the expected times of the next queued jobs, by ID."""
    return read_queue(reader, server.tracker, server.settings.stalled_after).expected


def draw(reader: Reader) -> None:
    """Draw the bars, a summary and the table.

    The newest page of jobs is read whenever the counts change, all pages rarely; the watch keeps
    the jobs.
    """
    newest = reader.read(
        queries.jobs(since=listed, limit=100),
        _NEWEST_MAX_AGE,
        newer_than=reader.changed_at("jobs_running", "jobs_queued", "recent_errors"),
    )
    everything = reader.peek(all_jobs(since=listed), _ALL_MAX_AGE)
    reader.track(lambda _reader: server.tracker.coarse_revision())
    reader.track(lambda reader: window(shown, reader.as_of(None)))
    current = window(shown, reader.as_of(newest.fetched_at))
    reader.track(lambda reader: expected_positions(read_expected(reader), length))
    timeline = read_timeline(server.tracker, current, by, read_expected(reader))
    timeline_chart(timeline, f"{shown} {by}")
    if newest.data is None:
        placeholder("jobs", newest)
        if newest.error is not None and timeline.bars:
            st.caption("Showing jobs from other pages. The timeline may be incomplete.")
    else:
        total = (everything.data or newest.data.total) if listed == period else None
        st.caption(f"{summary_text(timeline, period, total)} Times are in {zone_name()}.")
    watch_note(server)
    at = reader.seen_at(newest.fetched_at)
    view = {**choices, "lanes": by}
    timeline_table(timeline, Provenance(server.server, at, "timeline", view, (name, f"by-{by}")))


refresh.view(draw)
