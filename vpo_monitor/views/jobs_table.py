"""The table of jobs. A click opens the job that stood in the row when it was clicked."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from vpo_monitor.api.models import Job
from vpo_monitor.insight.frames import STATUS_LABELS, jobs_frame
from vpo_monitor.views.navigation import go_to

_REACTION_TIME = 0.3
"""Seconds; nobody can aim at a row that moved there less than this ago, so an earlier click meant
the row that was there before."""
_ROW_HEIGHT = 35
_VISIBLE_ROWS = 15


def jobs_table(jobs: Sequence[Job], *, key: str = "jobs-table") -> None:
    """Draw the jobs and open the one that is clicked."""
    clicked = clicked_job(key)
    if clicked is not None:
        go_to("job", {"id": clicked}, turn=time.monotonic())
    _remember([job.id for job in jobs], key)
    st.dataframe(
        jobs_frame(jobs, datetime.now(UTC)),
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        height=_ROW_HEIGHT * (min(max(len(jobs), 1), _VISIBLE_ROWS) + 1) + 3,
        column_config={
            "status": st.column_config.MultiselectColumn(
                "Status",
                options=list(STATUS_LABELS.values()),
                color=["gray", "blue", "green", "red", "orange"],
                width=120,
            ),
            "type": st.column_config.TextColumn("Type", width=85),
            "file": st.column_config.TextColumn("File", width=290),
            "progress": st.column_config.TextColumn("Progress", width=95),
            "created": st.column_config.DatetimeColumn(
                f"Created ({zone_name()})",
                timezone=st.context.timezone,
                format="YYYY-MM-DD HH:mm:ss",
                width=160,
            ),
            "since_creation": st.column_config.TextColumn(
                "Since creation",
                width=110,
                help="From creation to completion, so the wait in the queue is part of it; "
                "until now for a job that has not ended. The list has no start times.",
            ),
            "path": st.column_config.TextColumn("Path", width="large"),
        },
    )


def zone_name() -> str:
    """The viewer's time zone, as times are shown in it."""
    return st.context.timezone or "UTC"


def clicked_job(key: str) -> str | None:
    """The id of the job whose row was clicked since the last drawing, if any."""
    selection = st.session_state.get(key, {}).get("selection", {})
    rows = [row for row, _ in selection.get("cells", ())]
    drawn = st.session_state.get(f"{key}-drawn")
    # The selection stays until the browser has left the page, and must open one job once.
    followed = st.session_state.get(f"{key}-followed")
    st.session_state[f"{key}-followed"] = rows
    if not rows or rows == followed or drawn is None:
        return None
    before, shown, since = drawn
    ids = before if time.monotonic() - since < _REACTION_TIME else shown
    return ids[rows[0]] if rows[0] < len(ids) else None


def _remember(ids: list[str], key: str) -> None:
    """Keep which ids are drawn, and which were before they moved."""
    name = f"{key}-drawn"
    before, shown, since = st.session_state.get(name, (ids, ids, 0.0))
    if shown != ids:
        before, since = shown, time.monotonic()
    st.session_state[name] = (before, ids, since)
