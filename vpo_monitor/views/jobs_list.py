"""Jobs as a list of links, also for phones, which have no room for the columns of a table."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from vpo_monitor.analysis.formatting import NO_FILE, display_name
from vpo_monitor.analysis.frames import progress_label, status_label
from vpo_monitor.api.models import Job
from vpo_monitor.history.records import JobRecord
from vpo_monitor.views.link_list import Line, link_list
from vpo_monitor.views.local_time import local

_TONES = {"running": "blue", "completed": "green", "failed": "red"}


def is_phone() -> bool:
    """Whether the browser is a phone's; browsers of phones say so in their name."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def jobs_list(jobs: Sequence[Job], as_of: datetime | None, results: Sequence[str]) -> None:
    """Draw a line per job, with its result: what it did, or its error.

    `as_of` is the time of the data on the server's clock (UTC), or None if it differs.
    """
    link_list(
        [
            job_line(job, _details(job, result), as_of)
            for job, result in zip(jobs, results, strict=True)
        ],
        key="jobs-list",
    )


def job_line(job: Job | JobRecord, text: str, now: datetime | None) -> Line:
    """Return a line for a job with its status, age and this text, which may be from the server.

    `now` is the time on the server's clock (UTC), or None if the age is unknown.
    """
    since = job.completed_at or job.created_at
    return Line(
        id=job.id,
        icon=status_label(job.status).partition(" ")[0],
        title=display_name(job.file_path, NO_FILE),
        text=text,
        job_id=job.id,
        ago=(now - since).total_seconds() if now and since else None,
        at=local(since),
        tone=_TONES.get(job.status, ""),
    )


def _details(job: Job, result: str) -> str:
    details = [status_label(job.status).partition(" ")[2], job.job_type]
    if job.status == "running":
        details.append(progress_label(job))
    if result:
        details.append(result)
    return " · ".join(details)
