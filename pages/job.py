"""One job: facts, ETA, error and log."""

import math
import re

import streamlit as st

from vpo_monitor.analysis.estimates.estimate_text import visible_estimate
from vpo_monitor.analysis.estimates.running_job import (
    RunningJob,
    read_detail,
    request_recent_files,
)
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.logs.log_messages import NO_LOG_OF_SCANS
from vpo_monitor.analysis.overview import read_queue
from vpo_monitor.analysis.queue_forecast import QueueForecast
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.errors import BadRequest, NotFound
from vpo_monitor.api.models import JobDetail
from vpo_monitor.polling import queries
from vpo_monitor.views import refresh
from vpo_monitor.views.follow_toggle import follow_toggle
from vpo_monitor.views.job_details import job_details
from vpo_monitor.views.job_report import job_report
from vpo_monitor.views.local_time import clock_time
from vpo_monitor.views.log_view import LogView
from vpo_monitor.views.placeholder import placeholder
from vpo_monitor.views.scan_errors import scan_errors
from vpo_monitor.views.server_choice import current_server

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

server = current_server()
job_id = st.query_params.get("id", "").strip()


def new_log() -> LogView:
    """The job's log, at the line in the address if there is one."""
    line = st.query_params.get("line", "")
    number = int(line) if re.fullmatch(r"[1-9]\d{0,8}", line, re.ASCII) else None
    return LogView(server.server, job_id, number)


log = refresh.kept("log", new_log)
was_finished: list[bool] = refresh.kept("was finished", list)
"""Whether the job had finished when its page was opened; empty until it is known."""


def read_running_job(reader: Reader) -> RunningJob | None:
    """Return the job's estimates and suspicions while it runs."""
    return read_detail(reader, server.tracker, job_id, server.settings.stalled_after)


def read_job_queue(reader: Reader) -> QueueForecast:
    """Return the queue with the expected times of its next jobs."""
    return read_queue(reader, server.tracker, server.settings.stalled_after)


def draw(reader: Reader) -> None:
    """Draw the job; once it has finished, details and log are fetched one last time."""
    query = queries.job(job_id)
    known = reader.peek(query, math.inf).data
    snapshot = reader.read(query, math.inf if known and known.is_terminal else None)
    if isinstance(snapshot.error, NotFound | BadRequest):
        st.warning("Job not found. It was removed from VPO, or the link is wrong.")
        return
    notices = st.container()  # always drawn, so that the elements below keep their places
    if snapshot.data is not None:
        job, known_since = snapshot.data, snapshot.fetched_at
    else:
        from_list = reader.known_jobs().get(job_id)
        if from_list is None:
            placeholder("job", snapshot)
            return
        job, known_since = JobDetail(**vars(from_list.job)), from_list.fetched_at
        seen_at = clock_time(reader.seen_at(known_since))
        with notices:
            placeholder("job details", snapshot)
            st.caption(f"Showing data from the job list ({seen_at}).")
    refresh.mark_failed(has_failed=job.status == "failed")
    if job.status == "running":
        request_recent_files(reader)
    reader.track(lambda reader: visible_estimate(read_running_job(reader)))
    running = read_running_job(reader)
    queue = None
    if job.status == "queued":
        reader.track(lambda reader: read_job_queue(reader).visible(job_id))
        queue = read_job_queue(reader)
    with st.container(key="above-log"):  # its height never shrinks: the log must not move up
        with st.container(key="follow"):
            if not job.is_terminal:
                follow_toggle(job_id)
        job_details(
            job,
            running,
            reader.as_of(known_since),
            reader.as_of(None),
            reader.seen_at(known_since),
            reader.counted_age(known_since),
            queue,
        )
        if not server.is_demo and _UUID.fullmatch(job.id):
            st.link_button(
                "Open in VPO",
                f"{server.server.pages_url}/jobs/{job.id}",
                icon=":material/open_in_new:",
                type="tertiary",
            )
    if not was_finished:  # decided once, so that a report never moves the log
        was_finished.append(job.is_terminal)
    above, log_place, below = st.container(), st.container(), st.container()
    if job.is_terminal:
        with above if was_finished[0] else below, st.container(key="job-report"):
            job_report(reader, server.tracker, job, known_since or -math.inf)
    with log_place:
        refresh.rows(lambda reader: draw_log(reader, job, known_since or -math.inf))


def draw_log(reader: Reader, job: JobDetail, known_since: float) -> None:
    """Draw scan errors and log; a finished job's are fetched after it finished."""
    newer_than = known_since if job.is_terminal else -math.inf
    if job.has_scan_errors:
        errors = reader.read(queries.scan_errors(job.id), math.inf, newer_than=newer_than)
        if errors.data is not None:
            at = reader.seen_at(errors.fetched_at)
            view = {"job_id": job.id}
            scan_errors(
                errors.data, Provenance(server.server, at, "scan-errors", view, (job.id[:8],))
            )
    st.subheader("Log", anchor=False)
    if job.job_type == "scan":
        st.caption(NO_LOG_OF_SCANS)
    else:
        log.draw(reader, job, newer_than)


if job_id:
    refresh.view(draw)
else:
    st.info("No job selected. Open one from the job list.")
