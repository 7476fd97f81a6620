"""Statistics of processed files and jobs over a period."""

from typing import Any

import streamlit as st

from vpo_monitor.analysis.charts.periods import GROUPS
from vpo_monitor.analysis.charts.queue_over_time import queue_over_time
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.analysis.since import SINCE
from vpo_monitor.polling import queries
from vpo_monitor.polling.jobs_copy import all_jobs
from vpo_monitor.polling.snapshot import Snapshot
from vpo_monitor.views import refresh
from vpo_monitor.views.placeholder import placeholder
from vpo_monitor.views.processed_view import processed_over_time
from vpo_monitor.views.queue_view import queue_chart
from vpo_monitor.views.reasons_view import failure_reasons
from vpo_monitor.views.run_times_view import run_time_charts
from vpo_monitor.views.server_choice import current_server
from vpo_monitor.views.statistics_view import policies, throughput, totals
from vpo_monitor.views.url_values import url_choice
from vpo_monitor.views.watch_note import watch_note

_MAX_AGE = 60.0
_JOBS_MAX_AGE = 600.0
_TIMES = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "all": "All time"}
_GROUPS = {group: group.capitalize() for group in GROUPS}

server = current_server()
with st.container(key="stats-choices", horizontal=True):
    time = url_choice("Period", "stats-since", _TIMES, key="stats-since", default="30d")
    group_by = url_choice("Group by", "stats-by", _GROUPS, key="stats-by", default=GROUPS[0])
since = None if time == "all" else time


def provenance(reader: Reader, data: Snapshot[Any]) -> Provenance:
    """Return the provenance of tables with this data."""
    name_parts = ("all-time",) if since is None else (since,)
    view = {"since": time, "group_by": group_by}
    return Provenance(
        server.server, reader.seen_at(data.fetched_at), view=view, name_parts=name_parts
    )


def draw(reader: Reader) -> None:
    """Draw VPO's own statistics, then those computed from its jobs."""
    summary = reader.read(queries.stats_summary(since=since), _MAX_AGE)
    trends = reader.read(queries.stats_trends(since=since, group_by=group_by), _MAX_AGE)
    by_policy = reader.read(queries.stats_policies(since=since), _MAX_AGE)
    st.caption("Files processed by a policy. Scans and moves are excluded.")
    with st.container():
        for snapshot in (summary, trends, by_policy):
            if snapshot.data is None:
                placeholder("statistics", snapshot)
                break
    with st.container():
        if summary.data is not None:
            totals(summary.data)
    with st.container():
        if trends.data is not None:
            now = reader.as_of(trends.fetched_at)
            processed_over_time(trends.data, group_by, since, now, provenance(reader, trends))
    with st.container():
        if by_policy.data is not None:
            policies(by_policy.data, provenance(reader, by_policy))
    everything = reader.peek(all_jobs(since=since), _JOBS_MAX_AGE)
    reader.track(lambda _reader: server.tracker.coarse_revision())
    first = None if since is None else reader.as_of(None) - SINCE[since]
    period = None if since is None else SINCE[since]
    finished = server.tracker.count_finished(first)
    queue_times = server.tracker.queue_times(first)
    queue = queue_over_time(server.tracker, period, reader.as_of(None))
    reader.track(lambda later: later.as_of(None).timestamp() // queue.slot.total_seconds())
    queue_chart(queue, queue_times.mean, provenance(reader, everything))
    watch_note(server)
    number = finished.total()
    is_known = number > 0 or everything.data is not None
    throughput(
        server.tracker, number if is_known else None, queue_times, period, reader.as_of(None)
    )
    completed = finished["completed"]
    run_time_charts(server.tracker, first, completed, provenance(reader, everything))
    failed = server.tracker.failed(first)
    failure_reasons(failed, provenance(reader, everything), reader.as_of(None))


refresh.view(draw)
