"""The jobs table. A click on a file name, or on the box in front of its row, opens its job.

Streamlit reports row numbers; they are turned into job ids at once, and no selection is kept, as it
would stay at its position while jobs move (https://github.com/streamlit/streamlit/issues/17026).
A click on a header reports a column: it changes the sort order on the server, as the filters do.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from vpo_monitor.analysis.frames import STATUS_LABELS
from vpo_monitor.analysis.job_filter import JobFilter
from vpo_monitor.analysis.row_memory import RowMemory
from vpo_monitor.api.models import Job
from vpo_monitor.views.filters import sort_by
from vpo_monitor.views.jobs_table_cache import cached_jobs_table
from vpo_monitor.views.local_time import zone_name
from vpo_monitor.views.navigation import go_to, keep_going

OPENED_JOB = "opened-job"
"""Session key with the id of the last opened job, which the table marks."""
_TABLE = "jobs-table"
_NAME_CLICK = f"{_TABLE}-name"
_MEMORY, _CHOSEN = f"{_TABLE}-memory", f"{_TABLE}-chosen"
_REPORTED, _RESORTED = f"{_TABLE}-reported", f"{_TABLE}-resorted"
_REPEATED = 0.6
"""Seconds in which the same report means the same click: of a double click, or of a browser that
did not know yet that nothing is selected anymore.
"""
_CURRENT = 2.0
"""Seconds after which a click no longer counts, as its viewer has left the page."""
_ROW_HEIGHT = 35
_VISIBLE_ROWS = 15
_SORTS = {
    "status": "status",
    "type": "job_type",
    "created": "created_at",
    "since_creation": "duration",
    "path": "file_path",
}
"""Columns that the server can sort by, with its names for them."""
_ARROWS = {"asc": "↑", "desc": "↓"}


def jobs_table(
    jobs: Sequence[Job],
    as_of: datetime | None,
    view: JobFilter,
    errors: tuple[str, ...] | None = None,
    results: tuple[str, ...] | None = None,
) -> None:
    """Draw the jobs as they were at `as_of` (UTC), and open the one that the viewer chooses.

    `as_of` is None if they were fetched at different times. `errors` holds an error for each job in
    a list of failed ones, `results` what each job did in any other list.
    """
    marked = st.session_state.get(OPENED_JOB)  # before opening a job: that one is marked later
    chosen, chosen_at = st.session_state.pop(_CHOSEN, (None, 0.0))
    if chosen is not None and time.monotonic() - chosen_at < _CURRENT:
        st.session_state[OPENED_JOB] = chosen
        go_to("job", {"id": chosen}, mark={"selected": chosen})
    keep_going()
    _memory().show([job.id for job in jobs], time.monotonic())
    if any(_selection().values()):
        st.session_state[_TABLE] = {"selection": {"rows": [], "columns": [], "cells": []}}
    table = cached_jobs_table(jobs, as_of, marked, errors, results)
    st.dataframe(
        table.rename_columns([_name(column, view) for column in table.column_names]),
        key=_TABLE,
        hide_index=True,
        placeholder="–",
        on_select=_on_select,
        # Columns can be selected so that the browser does not sort this page alone.
        selection_mode=["single-row", "single-column"],
        alt="Jobs",
        height=_ROW_HEIGHT * (min(max(len(jobs), 1), _VISIBLE_ROWS) + 1) + 3,
        column_config={
            "opened": st.column_config.TextColumn("", width=28, help="Last opened job"),
            _name("status", view): status_column(_label("Status", "status", view)),
            "file": st.column_config.ButtonColumn(
                "File",
                width=205,
                type="tertiary",
                alignment="left",
                help="Click a name to open its job.",
                key=_NAME_CLICK,
                on_click=_on_name_click,
            ),
            _name("type", view): st.column_config.TextColumn(
                _label("Type", "type", view), width=82
            ),
            "progress": st.column_config.NumberColumn(
                "Progress",
                format="percent",
                width=74,
                help="A dash if VPO has not reported any.",
            ),
            "error": st.column_config.TextColumn(
                "Error",
                width=300,
                help="First line of the error. VPO's job list doesn't include errors, so they "
                "load one by one.",
            ),
            "result": st.column_config.TextColumn(
                "Result",
                width=165,
                help="What the job did, or the first line of its error. VPO's job list doesn't "
                "include it, so results load one by one.",
            ),
            _name("created", view): st.column_config.DatetimeColumn(
                _label(f"Created ({zone_name()})", "created", view),
                timezone=st.context.timezone,
                format="YYYY-MM-DD HH:mm",
                width=125,
            ),
            _name("since_creation", view): st.column_config.NumberColumn(
                _label("Total time", "since_creation", view),
                format="compact",
                width=90,
                help="Hours, minutes and seconds from creation to finish, including queue time. "
                "VPO's job list has no start times. For unfinished jobs: time since creation.",
            ),
            _name("path", view): st.column_config.TextColumn(
                _label("Path", "path", view), width="large"
            ),
        },
    )
    if st.session_state.pop(_RESORTED, False):
        st.rerun()  # the filters are outside this fragment


def status_column(label: str = "Status") -> Any:
    """A column of colored status chips; the colors follow the order of `STATUS_LABELS`."""
    return st.column_config.MultiselectColumn(
        label,
        options=list(STATUS_LABELS.values()),
        color=["gray", "blue", "green", "red", "orange"],
        width=110,
    )


def _name(column: str, view: JobFilter) -> str:
    """A column's name in the browser.

    It has the order if the server has sorted by the column. So a press means the same however often
    the browser reports it, which a slow one does until it knows that nothing is selected anymore.
    """
    return f"{column} {view.order}" if _SORTS.get(column) == view.sort else column


def _label(label: str, column: str, view: JobFilter) -> str:
    """A header; an arrow shows by which column the server has sorted."""
    return f"{label} {_ARROWS[view.order]}" if _SORTS[column] == view.sort else label


def _on_name_click() -> None:
    _choose(st.session_state[_NAME_CLICK]["row"])


def _on_select() -> None:
    selection = _selection()
    if _is_repeated(selection):
        return
    if selection["columns"]:  # a header, whatever else is reported
        column, _, order = selection["columns"][0].partition(" ")
        if column in _SORTS:
            st.session_state[_RESORTED] = sort_by(_SORTS[column], order)
    elif selection["rows"]:
        _choose(selection["rows"][0])


def _choose(row: int) -> None:
    now = time.monotonic()
    st.session_state[_CHOSEN] = _memory().job_at(row, now), now


def _is_repeated(selection: dict[str, list[Any]]) -> bool:
    now = time.monotonic()
    reported, reported_at = st.session_state.get(_REPORTED, (None, 0.0))
    st.session_state[_REPORTED] = selection, now
    return bool(selection == reported and now - reported_at < _REPEATED)


def _selection() -> dict[str, list[Any]]:
    """What is selected in the browser."""
    selection = st.session_state.get(_TABLE, {}).get("selection", {})
    return {kind: list(selection.get(kind, ())) for kind in ("rows", "columns", "cells")}


def _memory() -> RowMemory:
    memory: RowMemory = st.session_state.setdefault(_MEMORY, RowMemory())
    return memory
