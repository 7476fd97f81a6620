"""Jobs as a list for phones, which have no room for the columns of a table."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from vpo_monitor.analysis.formatting import NO_FILE, display_name
from vpo_monitor.analysis.frames import progress_label, status_label
from vpo_monitor.api.models import Job
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
        [_line(job, as_of, result) for job, result in zip(jobs, results, strict=True)],
        key="jobs-list",
    )


def _line(job: Job, as_of: datetime | None, result: str) -> Line:
    icon, _, status = status_label(job.status).partition(" ")
    details = [status, job.job_type]
    if job.status == "running":
        details.append(progress_label(job))
    if result:
        details.append(result)
    since = job.completed_at or job.created_at
    return Line(
        id=job.id,
        icon=icon,
        title=display_name(job.file_path, NO_FILE),
        text=" · ".join(details),
        job_id=job.id,
        ago=(as_of - since).total_seconds() if as_of and since else None,
        at=local(since) or "",
        tone=_TONES.get(job.status, ""),
    )
