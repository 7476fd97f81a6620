"""The table of jobs. A click, or Enter on a cell, opens the job that stood in the row."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from vpo_monitor.api.models import Job
from vpo_monitor.insight.frames import STATUS_LABELS
from vpo_monitor.insight.row_memory import Cell, RowMemory
from vpo_monitor.views.jobs_table_cache import cached_jobs_table
from vpo_monitor.views.local_time import zone_name
from vpo_monitor.views.navigation import go_to, keep_going
from vpo_monitor.views.unseen import unseen

OPENED_JOB = "opened-job"
"""Where a session keeps the id of the job that was opened last, which the table marks."""
_TABLE = "jobs-table"
_TOLD = f"{_TABLE}-told"
_MEMORY, _ENTERED = f"{_TABLE}-memory", f"{_TABLE}-entered"
_ROW_HEIGHT = 35
_VISIBLE_ROWS = 15

_input = st.components.v2.component(
    "vpo_monitor_table_input", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def jobs_table_listener() -> None:
    """Draw what a table needs to know of keys and clicks: once a page, outside of what is live."""
    with unseen("table-input"):
        _listen()


# A press draws this alone, as its cell, told soon after, has the table drawn. Where that begins
# before a drawing of the whole page was sent, Streamlit sends the end of the latter without its
# table, which then leaves the screen, and the focus with it.
@st.fragment
def _listen() -> None:
    told = _input(
        key=_TOLD,
        data={"table": _TABLE},
        default={"by_keyboard": False},
        on_by_keyboard_change=lambda: None,
        on_enter_change=lambda: None,
    )
    if told.enter:
        st.session_state[_ENTERED] = True
        st.rerun()


def jobs_table(
    jobs: Sequence[Job], as_of: datetime | None, errors: tuple[str, ...] | None = None
) -> None:
    """Draw the jobs as they were at `as_of` (UTC), and open the one that the viewer chose.

    None where they were seen at different moments. `errors` tells why each failed, where all have.
    """
    memory = st.session_state.setdefault(_MEMORY, RowMemory())
    marked = st.session_state.get(OPENED_JOB)  # a new mark shows when the viewer comes back
    opened = _opened(memory)
    if opened is not None:
        st.session_state[OPENED_JOB] = opened
        memory.deselect()
        go_to("job", {"id": opened}, mark={"selected": opened})
    keep_going()
    cell = memory.drawn([job.id for job in jobs], time.monotonic())
    if cell != _reported():
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
            "opened": st.column_config.TextColumn(
                "", width=28, help="The job that you opened last."
            ),
            "status": status_column(),
            "type": st.column_config.TextColumn("Type", width=78),
            "file": st.column_config.TextColumn("File", width=235),
            "progress": st.column_config.TextColumn("Progress", width=88),
            "error": st.column_config.TextColumn(
                "Error",
                width=300,
                help="The first line. VPO's list has no errors: each job is asked for by itself, "
                "one after the other.",
            ),
            "created": st.column_config.DatetimeColumn(
                f"Created ({zone_name()})",
                timezone=st.context.timezone,
                format="YYYY-MM-DD HH:mm:ss",
                width=145,
            ),
            "since_creation": st.column_config.TextColumn(
                "Creation to end",
                width=115,
                help="The wait in the queue is part of it: the list has no start times. "
                "For a job that has not ended, the time since it was created.",
            ),
            "path": st.column_config.TextColumn("Path", width="large"),
        },
    )


def status_column() -> Any:
    """A status as a coloured chip; colours follow the order of STATUS_LABELS."""
    return st.column_config.MultiselectColumn(
        "Status",
        options=list(STATUS_LABELS.values()),
        color=["gray", "blue", "green", "red", "orange"],
        width=112,
    )


def _opened(memory: RowMemory) -> str | None:
    """The job that the viewer has just chosen to open, if any."""
    is_enter = st.session_state.pop(_ENTERED, False)
    by_keyboard = bool(st.session_state.get(_TOLD, {}).get("by_keyboard"))
    is_moved = memory.browser_selected(_reported(), time.monotonic(), by_keyboard=by_keyboard)
    return memory.selected if is_enter or (is_moved and not by_keyboard) else None


def _reported() -> Cell | None:
    """The cell that the browser says is selected."""
    cells = st.session_state.get(_TABLE, {}).get("selection", {}).get("cells", ())
    return (cells[0][0], cells[0][1]) if cells else None


def _select(cell: Cell | None) -> None:
    """Let the browser select a cell with the next drawing."""
    cells = [] if cell is None else [list(cell)]
    st.session_state[_TABLE] = {"selection": {"rows": [], "columns": [], "cells": cells}}
