"""The Jobs page: a list that the server filters, sorts and pages."""

from collections.abc import Sequence

import streamlit as st

from vpo_monitor.analysis.job_result import result_words
from vpo_monitor.analysis.known_jobs import known_page
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.models import Job
from vpo_monitor.views import refresh
from vpo_monitor.views.filters import follow_url, job_filters, pager
from vpo_monitor.views.jobs_download import jobs_download
from vpo_monitor.views.jobs_list import is_phone, jobs_list
from vpo_monitor.views.jobs_table import OPENED_JOB, jobs_table
from vpo_monitor.views.local_time import clock_time
from vpo_monitor.views.placeholder import placeholder, skipped_note
from vpo_monitor.views.server_choice import current_server
from vpo_monitor.views.status_tabs import status_tabs

server = current_server()
FIRST_ROWS = 20
"""Rows whose results are requested first; about so many are visible without scrolling."""
view = job_filters()
st.session_state.setdefault(OPENED_JOB, st.query_params.get("selected"))


def draw(reader: Reader) -> None:
    """Draw everything around the rows: tabs, pager and download."""
    follow_url(view)
    status_tabs(reader, view)
    before, table, after = st.container(), st.container(), st.container()
    snapshot = reader.read(
        view.query(), part=lambda page: (page.total, page.skipped, bool(page.rows))
    )
    page = snapshot.data
    if page is None:
        # "Loading" goes below the table, so that nothing moves when the response arrives.
        with after if snapshot.error is None else before:
            placeholder("job list", snapshot)
            _, oldest = known_jobs(reader)
            if oldest is not None:
                st.caption(
                    "Showing jobs from other pages, as of "
                    f"{clock_time(reader.seen_at(oldest))} or later. The list may be incomplete."
                )
    else:
        with after:
            skipped_note(page.skipped, "job")
    total = None if page is None else page.total
    pager(view, total)
    jobs_download(reader, view, total, server.server)
    with table:
        refresh.rows(draw_rows)


def draw_rows(reader: Reader) -> None:
    """Draw the rows; until VPO has responded, those known from other pages."""
    follow_url(view)
    snapshot = reader.read(view.query())
    as_of = None
    if snapshot.data is None:
        jobs: Sequence[Job] = known_jobs(reader)[0]
    else:
        jobs, as_of = snapshot.data.rows, reader.as_of(snapshot.fetched_at)
    ids = [job.id for job in jobs]
    reader.track(lambda _reader: results_revision(ids))
    records = server.tracker.records_of(ids)
    results = tuple(result_words(records.get(job_id)) for job_id in ids)
    if is_phone():
        jobs_list(jobs, as_of, results)
    elif view.status == "failed":
        jobs_table(jobs, as_of, view, errors=results)
    else:
        jobs_table(jobs, as_of, view, results=results)


def results_revision(job_ids: Sequence[str]) -> object:
    """What the results of these jobs depend on. Each tick notes that the first ones are in view."""
    server.tracker.view(job_ids[:FIRST_ROWS])
    records = server.tracker.records_of(job_ids).values()
    return [(one.has_detail, one.stats_id, one.result, one.error) for one in records]


def known_jobs(reader: Reader) -> tuple[list[Job], float | None]:
    """Matching jobs from earlier responses, and when the oldest of those was fetched."""
    matching = known_page(reader.known_jobs().values(), view, reader.as_of(None))
    return [one.job for one in matching], min((one.fetched_at for one in matching), default=None)


refresh.view(draw)
