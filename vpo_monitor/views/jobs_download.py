"""All jobs of a view as files: fetched page by page once a viewer asks for them."""

import math
from dataclasses import dataclass

import streamlit as st

from vpo_monitor.api.errors import BadRequest, BadResponse, NotFound
from vpo_monitor.api.server import Server
from vpo_monitor.insight.exports.jobs_export import JobsExport, export_jobs
from vpo_monitor.insight.formatting import job_count
from vpo_monitor.insight.job_filter import JobFilter
from vpo_monitor.insight.number_format import count
from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling import clock
from vpo_monitor.polling.jobs_copy import MOST_JOBS, JobsCopy, jobs_copy
from vpo_monitor.polling.snapshot import Snapshot, State
from vpo_monitor.views.downloads import download_button
from vpo_monitor.views.local_time import clock_time

_KEPT = "jobs-download"
_TOGETHER = 20.0
"""Seconds; viewers who ask for the same view within them share one copy."""


@dataclass
class _Download:
    """What one viewer has asked for, and the files once they are made."""

    view: JobFilter
    asked: int | None = None
    files: JobsExport | None = None
    problem: str = ""


def jobs_download(reader: Reader, view: JobFilter, total: int | None, server: Server) -> None:
    """Draw the way to take along all jobs of a view, of which there are `total`.

    What was fetched is kept for the session until another view is chosen.
    """
    view = view.first_page
    kept: _Download = st.session_state.get(_KEPT) or _Download(view)
    if kept.view != view:
        kept = _Download(view)
    st.session_state[_KEPT] = kept
    with st.container(key="jobs-download", horizontal=True, vertical_alignment="center"):
        if kept.files is None and kept.asked is not None:
            _fetch(reader, kept, kept.asked, total, server)
        if kept.files is not None:
            _ready(kept, kept.files)
        elif kept.asked is None:
            _offer(kept, total)


def _offer(kept: _Download, total: int | None) -> None:
    if total is None or total <= MOST_JOBS:
        label = "Download these jobs" if total is None else f"Download {job_count(total)}"
    else:
        label = f"Download the first {count(MOST_JOBS)} of {job_count(total)}"
    st.button(
        label,
        key="jobs-download-begin",
        icon=":material/download:",
        on_click=_begin,
        args=(kept,),
        disabled=not total,
    )
    if kept.problem:
        st.caption(kept.problem, width="content")


def _fetch(reader: Reader, kept: _Download, asked: int, total: int | None, server: Server) -> None:
    """Draw how far it has come, or make the files if it has come to its end.

    What another try would hardly mend ends it, as each failure also delays the list on screen.
    """
    snapshot = reader.peek(jobs_copy(kept.view.query(), asked), math.inf)
    copy = snapshot.data
    if copy is not None and copy.is_done:
        kept.files = export_jobs(copy, kept.view, server)
        return
    if isinstance(snapshot.error, NotFound | BadRequest | BadResponse):
        _end(kept)
        kept.problem = "VPO's answer could not be read, so nothing was downloaded. Try again later."
        return
    got = len(copy.rows) if copy else 0
    whole = min(copy.total if copy else total or 0, MOST_JOBS)
    st.progress(min(1.0, got / whole) if whole else 0.0, text=_progress_words(snapshot, got, whole))
    st.button("Cancel", key="jobs-download-cancel", on_click=_end, args=(kept,))


def _progress_words(snapshot: Snapshot[JobsCopy], got: int, whole: int) -> str:
    so_far = f"{count(got)} of {job_count(whole)}"
    if snapshot.state is State.STOPPED:
        return f"{so_far}: VPO refuses the token."
    if snapshot.state is State.FAILED:
        return f"{so_far}: VPO does not list jobs now. This goes on when it does."
    return so_far


def _ready(kept: _Download, files: JobsExport) -> None:
    for kind, data in (("csv", files.csv), ("json", files.json)):
        download_button(data, files.provenance, kind, key="jobs", is_off=False)
    st.caption(
        f"{files.coverage} As of {clock_time(files.provenance.fetched_at)}.", width="content"
    )
    st.button("Discard", key="jobs-download-discard", on_click=_end, args=(kept,), type="tertiary")


def _begin(kept: _Download) -> None:
    kept.asked, kept.problem = int(clock.now() / _TOGETHER), ""


def _end(kept: _Download) -> None:
    kept.asked = kept.files = None
