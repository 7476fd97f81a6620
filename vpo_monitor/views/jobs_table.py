"""The job table. A click on a row, or Enter, opens its job."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from vpo_monitor.api.models import Job
from vpo_monitor.insight.frames import STATUS_LABELS
from vpo_monitor.insight.row_memory import Cell, RowMemory
from vpo_monitor.views.frontend import component
from vpo_monitor.views.jobs_table_cache import cached_jobs_table
from vpo_monitor.views.local_time import zone_name
from vpo_monitor.views.navigation import go_to, keep_going
from vpo_monitor.views.unseen import unseen

OPENED_JOB = "opened-job"
"""Session key with the id of the last opened job, which the table marks."""
_TABLE = "jobs-table"
_LISTENER = f"{_TABLE}-told"
_MEMORY, _ENTERED = f"{_TABLE}-memory", f"{_TABLE}-entered"
_ROW_HEIGHT = 35
_VISIBLE_ROWS = 15

_input = component("jobs_table")


def jobs_table_listener() -> None:
    """Draw the listener for keys and clicks, once per page and outside its live part."""
    with unseen("table-input"):
        _listen()


# A fragment, so that a key press does not rerun the page: the selected cell, reported soon after,
# does. If that rerun starts while a full drawing is being sent, Streamlit sends the rest of that
# drawing without the table, which then disappears together with the focus.
@st.fragment
def _listen() -> None:
    reported = _input(
        key=_LISTENER,
        data={"table": _TABLE},
        default={"by_keyboard": False},
        on_by_keyboard_change=lambda: None,
        on_enter_change=lambda: None,
    )
    if reported.enter:
        st.session_state[_ENTERED] = True
        st.rerun()


def jobs_table(
    jobs: Sequence[Job], as_of: datetime | None, errors: tuple[str, ...] | None = None
) -> None:
    """Draw the jobs as they were at `as_of` (UTC), and open the one that the viewer selects.

    `as_of` is None if they were fetched at different times. `errors` holds an error for each job in
    a list of failed ones.
    """
    memory = st.session_state.setdefault(_MEMORY, RowMemory())
    marked = st.session_state.get(OPENED_JOB)  # before opening a job: that one is marked later
    opened = _opened(memory)
    if opened is not None:
        st.session_state[OPENED_JOB] = opened
        memory.deselect()
        go_to("job", {"id": opened}, mark={"selected": opened})
    keep_going()
    cell = memory.drawn([job.id for job in jobs], time.monotonic())
    if cell != _selected_cell():
        _select(cell)
    st.dataframe(
        cached_jobs_table(jobs, as_of, marked, errors),
        key=_TABLE,
        hide_index=True,
        placeholder="–",
        on_select="rerun",
        selection_mode="single-cell",
        height=_ROW_HEIGHT * (min(max(len(jobs), 1), _VISIBLE_ROWS) + 1) + 3,
        column_config={
            "opened": st.column_config.TextColumn("", width=28, help="Last opened job"),
            "status": status_column(),
            "type": st.column_config.TextColumn("Type", width=78),
            "file": st.column_config.TextColumn("File", width=235),
            "progress": st.column_config.TextColumn("Progress", width=88),
            "error": st.column_config.TextColumn(
                "Error",
                width=300,
                help="First line of the error. VPO's job list doesn't include errors, so they "
                "load one by one.",
            ),
            "created": st.column_config.DatetimeColumn(
                f"Created ({zone_name()})",
                timezone=st.context.timezone,
                format="YYYY-MM-DD HH:mm:ss",
                width=145,
            ),
            "since_creation": st.column_config.TextColumn(
                "Total time",
                width=115,
                help="Time from creation to finish, including queue time. VPO's job list has no "
                "start times. For unfinished jobs: time since creation.",
            ),
            "path": st.column_config.TextColumn("Path", width="large"),
        },
    )


def status_column() -> Any:
    """A column of colored status chips; the colors follow the order of `STATUS_LABELS`."""
    return st.column_config.MultiselectColumn(
        "Status",
        options=list(STATUS_LABELS.values()),
        color=["gray", "blue", "green", "red", "orange"],
        width=112,
    )


def _opened(memory: RowMemory) -> str | None:
    """The id of the job that the viewer has just opened, if any."""
    is_enter = st.session_state.pop(_ENTERED, False)
    by_keyboard = bool(st.session_state.get(_LISTENER, {}).get("by_keyboard"))
    is_moved = memory.browser_selected(_selected_cell(), time.monotonic(), by_keyboard=by_keyboard)
    return memory.selected if is_enter or (is_moved and not by_keyboard) else None


def _selected_cell() -> Cell | None:
    """The cell selected in the browser."""
    cells = st.session_state.get(_TABLE, {}).get("selection", {}).get("cells", ())
    return (cells[0][0], cells[0][1]) if cells else None


def _select(cell: Cell | None) -> None:
    """Select a cell in the browser with the next drawing."""
    cells = [] if cell is None else [list(cell)]
    st.session_state[_TABLE] = {"selection": {"rows": [], "columns": [], "cells": cells}}
