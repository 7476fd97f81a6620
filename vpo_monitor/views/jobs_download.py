"""Downloads all jobs that match the filters; fetches them page by page on request."""

import math
from dataclasses import dataclass

import streamlit as st

from vpo_monitor.analysis.exports.jobs_export import JobsExport, export_jobs
from vpo_monitor.analysis.formatting import job_count
from vpo_monitor.analysis.job_filter import JobFilter
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.errors import BadRequest, BadResponse, NotFound
from vpo_monitor.api.server import Server
from vpo_monitor.polling import clock
from vpo_monitor.polling.jobs_copy import MOST_JOBS, JobsCopy, jobs_copy
from vpo_monitor.polling.snapshot import Snapshot, State
from vpo_monitor.views.downloads import download_button
from vpo_monitor.views.local_time import clock_time

_KEPT = "jobs-download"
_SHARED_FOR = 20.0
"""Seconds in which viewers who download the same jobs share one copy."""


@dataclass
class _Download:
    """A viewer's download, with its files once they are ready."""

    view: JobFilter
    asked: int | None = None
    files: JobsExport | None = None
    problem: str = ""


def jobs_download(reader: Reader, view: JobFilter, total: int | None, server: Server) -> None:
    """Draw the download of all jobs that match `view`; `total` is their number.

    The files stay in the session until the filters change.
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
        label = f"Download {job_count(total)}" if total else "Download jobs"
    else:
        label = f"Download first {count(MOST_JOBS)} of {job_count(total)}"
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
    """Draw the progress, or create the files once all jobs are here.

    An error that a retry would hardly fix ends the download, as each failure also delays the list.
    """
    snapshot = reader.peek(jobs_copy(kept.view.query(), asked), math.inf)
    copy = snapshot.data
    if copy is not None and copy.is_done:
        kept.files = export_jobs(copy, kept.view, server)
        return
    if isinstance(snapshot.error, NotFound | BadRequest | BadResponse):
        _end(kept)
        kept.problem = "Download failed: VPO's response could not be read. Try again later."
        return
    got = len(copy.rows) if copy else 0
    whole = min(copy.total if copy else total or 0, MOST_JOBS)
    st.progress(min(1.0, got / whole) if whole else 0.0, text=_progress_text(snapshot, got, whole))
    st.button("Cancel", key="jobs-download-cancel", on_click=_end, args=(kept,))


def _progress_text(snapshot: Snapshot[JobsCopy], got: int, whole: int) -> str:
    so_far = f"{count(got)} of {job_count(whole)}"
    if snapshot.state is State.STOPPED:
        return f"{so_far} · Stopped: VPO rejected the token."
    if snapshot.state is State.FAILED:
        return f"{so_far} · Waiting for VPO. The download resumes automatically."
    return so_far


def _ready(kept: _Download, files: JobsExport) -> None:
    for kind, data in (("csv", files.csv), ("json", files.json)):
        download_button(data, files.provenance, kind, key="jobs", is_disabled=False)
    st.caption(
        f"{files.coverage} As of {clock_time(files.provenance.fetched_at)}.", width="content"
    )
    st.button("Discard", key="jobs-download-discard", on_click=_end, args=(kept,), type="tertiary")


def _begin(kept: _Download) -> None:
    kept.asked, kept.problem = int(clock.now() / _SHARED_FOR), ""


def _end(kept: _Download) -> None:
    kept.asked = kept.files = None
