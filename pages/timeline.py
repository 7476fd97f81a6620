"""The jobs of the last day, week or month as bars over time."""

from datetime import datetime
from typing import Any

import streamlit as st

from vpo_monitor.api.models import JobPage
from vpo_monitor.insight.job_record import JobRecord
from vpo_monitor.insight.reader import Reader
from vpo_monitor.insight.timeline import bars, window
from vpo_monitor.insight.timeline_words import sentences
from vpo_monitor.polling import queries
from vpo_monitor.polling.snapshot import Snapshot
from vpo_monitor.views.jobs_table import zone_name
from vpo_monitor.views.live import live
from vpo_monitor.views.missing import missing
from vpo_monitor.views.shell import open_page
from vpo_monitor.views.timeline_chart import timeline_chart
from vpo_monitor.views.timeline_choice import timeline_choice
from vpo_monitor.views.timeline_table import timeline_table

_WINDOW = "timeline-window"
"""Where a session keeps the window that is on screen."""

shell = open_page("Timeline")
since, by = timeline_choice()


def known(reader: Reader) -> tuple[list[JobRecord], Snapshot[JobPage]]:
    """The jobs of the time that was chosen, as far as the list tells of them."""
    snapshot = reader.read(queries.jobs(since=since, limit=100))
    rows = snapshot.data.rows if snapshot.data else ()
    return [
        JobRecord(
            id=job.id,
            job_type=job.job_type,
            status=job.status,
            file_path=job.file_path,
            progress_percent=job.progress_percent,
            created_at=job.created_at,
            completed_at=job.completed_at,
        )
        for job in rows
    ], snapshot


def shown_window(reader: Reader, snapshot: Snapshot[JobPage]) -> tuple[datetime, datetime]:
    """The window that ends with what is known."""
    return window(since, reader.as_of(snapshot.fetched_at))


def draw(reader: Reader) -> None:
    """Draw the bars, what there is to say of them, and the table."""
    records, snapshot = known(reader)
    shown = st.session_state[_WINDOW] = shown_window(reader, snapshot)
    timeline = bars(records, *shown, by)
    timeline_chart(timeline, f"{since} {by}")
    if snapshot.data is None:
        missing("The list of jobs", snapshot)
    else:
        st.caption(f"{sentences(timeline, since, snapshot.data.total)} Times are in {zone_name()}.")
    timeline_table(timeline)


def news(reader: Reader) -> dict[str, Any] | None:
    """Ask for a drawing when time has moved the window, also where no job has changed."""
    moved = shown_window(reader, reader.snapshots[0]) != st.session_state.get(_WINDOW)
    return None if moved else {}


live(shell, draw, news)
