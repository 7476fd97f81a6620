"""The Overview page: running jobs, queue, failures and activity."""

from datetime import timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vpo_monitor.analysis.estimates.problems import NO_JOBS
from vpo_monitor.analysis.overview import Overview, read_overview
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.views import overview, refresh
from vpo_monitor.views.jobs_list import is_phone
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.local_time import viewer_zone, zone_name
from vpo_monitor.views.placeholder import placeholder
from vpo_monitor.views.running_cards import running_cards
from vpo_monitor.views.server_choice import current_server, has_multiple_servers
from vpo_monitor.views.server_list_view import server_list
from vpo_monitor.views.watch_note import watch_note

server = current_server()


def draw(reader: Reader) -> None:
    """Draw the counts, warnings, running jobs, queue, failures and activity."""
    tracker, health = server.tracker, reader.health
    if has_multiple_servers():
        server_list(reader, server.server.name)
    shown = read_overview(reader, tracker, server.settings.stalled_after)
    reader.track_seen(_what_time_changes(reader, shown), _what_time_would_change)
    with st.container():  # always drawn, so that nothing below moves
        if shown.is_empty:
            with st.container(border=True):
                st.text(NO_JOBS)
    with st.container(key="figures"):
        now, later = (st.container(), None) if is_phone() else st.columns([9, 8], gap="small")
    with now:
        overview.count_cards(health.data, tracker, reader.as_of(health.fetched_at))
    overview.approvals(shown.plans, server.server.pages_url)
    st.subheader("Running now", anchor=False)
    with st.container(key="running"):
        running_cards(
            shown.running_jobs,
            seen_at=reader.seen_at(shown.running.fetched_at),
            age=reader.counted_age(shown.running.fetched_at),
            zone=viewer_zone(),
        )
        if shown.running.data is None:
            placeholder("running jobs", shown.running)
        else:
            st.caption("" if shown.running_jobs else "No running jobs.")
    queue, failures, activity = _list_places()
    with later or st.container():
        overview.summary_cards(shown, reader.seen_at(shown.queued.fetched_at))
    with queue:
        st.subheader("Up next", anchor=False)
        with st.container(key="queue"):
            age = timedelta(seconds=reader.age(shown.queued.fetched_at))
            overview.next_jobs(
                shown,
                age,
                reader.as_of(shown.queued.fetched_at),
                reader.seen_at(shown.running.fetched_at),
            )
    with failures:
        st.subheader("Latest failures", anchor=False)
        with st.container(key="failures"):
            age = timedelta(seconds=reader.age(shown.failed.fetched_at))
            overview.latest_failures(shown, tracker, age, reader.as_of(shown.failed.fetched_at))
    with activity:
        st.subheader("Activity", anchor=False)
        with st.container(key="activity"):
            overview.activity_list(tracker)
            watch_note(server)
    st.caption(f"Times in {zone_name()}")


def _what_time_changes(reader: Reader, shown: Overview) -> object:
    """Return what the page says that time alone changes, except times that the browser counts.

    While jobs run, the page is redrawn once a minute for what isn't part of it.
    """
    if not shown.running_jobs:
        return overview.estimates(shown, reader)
    is_counted = reader.counted_age(shown.running.fetched_at) is not None
    return reader.now() // 60, is_counted, overview.estimates(shown, reader)


def _what_time_would_change(reader: Reader) -> object:
    shown = read_overview(reader, server.tracker, server.settings.stalled_after)
    return _what_time_changes(reader, shown)


def _list_places() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Return the places of the queue, the failures and the activity, on a phone failures first."""
    with st.container(key="lists"):
        if is_phone():
            failures, queue, activity = (st.container() for _ in range(3))
            return queue, failures, activity
        if is_kiosk():
            queue, failures, activity = st.columns(3, gap="medium")
            return queue, failures, activity
        left, right = st.columns(2, gap="medium")
        return left, left, right


refresh.view(draw)
