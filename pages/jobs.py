"""The job list, filtered, sorted and paged by the server."""

from collections.abc import Sequence

import streamlit as st

from vpo_monitor.api.models import Job
from vpo_monitor.insight.known_jobs import known_page
from vpo_monitor.insight.number_format import count
from vpo_monitor.insight.reader import Reader
from vpo_monitor.insight.watching.job_record import error_words
from vpo_monitor.views.filters import job_filters, pager
from vpo_monitor.views.jobs_download import jobs_download
from vpo_monitor.views.jobs_table import OPENED_JOB, jobs_table, jobs_table_listener
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.late import late
from vpo_monitor.views.live import Moving, live
from vpo_monitor.views.local_time import clock_time
from vpo_monitor.views.placeholder import placeholder
from vpo_monitor.views.queue_counts import queue_counts
from vpo_monitor.views.saved_views import saved_views
from vpo_monitor.views.shell import open_page

shell = open_page("Jobs")
body = late()
with body:
    view = job_filters()
    if not is_kiosk():
        saved_views(view)
st.session_state.setdefault(OPENED_JOB, st.query_params.get("selected"))


def draw(reader: Reader) -> Moving:
    """Draw what stands around one page of the list."""
    queue_counts(reader.health)
    before, table = st.container(), st.container()
    snapshot = reader.read(view.query(), is_moving=True)
    page = snapshot.data
    if page is None:
        # What comes in a moment is told below, so that nothing moves then.
        with st.container() if snapshot.error is None else before:
            placeholder("job list", snapshot)
            _, oldest = known(reader)
            if oldest is not None:
                st.caption(
                    "Shown meanwhile is what other views know of it, some of it from "
                    f"{clock_time(reader.seen_at(oldest))}; there may be more jobs."
                )
    elif page.skipped:
        st.caption(
            f"{count(page.skipped)} jobs in VPO's answer could not be read and are left out."
        )
    total = None if page is None else page.total
    pager(view, total)
    jobs_download(reader, view, total, shell.server)
    if view.status == "failed":
        reader.track(lambda _reader: shell.watch.coarse_revision())
    return Moving(table, rows)


def rows(reader: Reader) -> None:
    """Draw the rows, or what other views know of them until VPO has answered."""
    snapshot = reader.snapshot_of(view.query())
    if snapshot is None or snapshot.data is None:
        of_others, _ = known(reader)
        jobs_table(of_others, None, errors(of_others))
    else:
        jobs = snapshot.data.rows
        jobs_table(jobs, reader.as_of(snapshot.fetched_at), errors(jobs))


def errors(jobs: Sequence[Job]) -> tuple[str, ...] | None:
    """Why each of the jobs failed, where the list is of failed ones."""
    if view.status != "failed":
        return None
    return tuple(error_words(shell.watch.record(job.id)) for job in jobs)


def known(reader: Reader) -> tuple[list[Job], float | None]:
    """The jobs that earlier answers tell of, and when the oldest of those was fetched."""
    of_view = known_page(reader.known_jobs().values(), view, reader.as_of(None))
    return [one.job for one in of_view], min((one.fetched_at for one in of_view), default=None)


with body:
    live(shell, draw)
    jobs_table_listener()
