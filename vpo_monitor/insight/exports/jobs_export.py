"""The jobs of a view as files, and how complete they are."""

from dataclasses import dataclass

from vpo_monitor.api.server import Server
from vpo_monitor.insight.exports.csv_text import csv_bytes
from vpo_monitor.insight.exports.json_text import json_bytes
from vpo_monitor.insight.exports.origin import Origin
from vpo_monitor.insight.exports.table import jobs_table, written
from vpo_monitor.insight.job_filter import JobFilter
from vpo_monitor.insight.numerals import count
from vpo_monitor.insight.wording import jobs_words
from vpo_monitor.polling.jobs_copy import JobsCopy


@dataclass(frozen=True)
class JobsFiles:
    """Both files of one copy, made once."""

    csv: bytes
    json: bytes
    origin: Origin
    coverage: str


def jobs_files(copy: JobsCopy, view: JobFilter, server: Server) -> JobsFiles:
    """The files of a copy that is done."""
    origin = jobs_origin(copy, view, server)
    table = jobs_table(copy.rows)
    more = {"matching": copy.total, "fetching_began_at": written(copy.begun_at)}
    return JobsFiles(csv_bytes(table), json_bytes(table, origin, more), origin, coverage(copy))


def jobs_origin(copy: JobsCopy, view: JobFilter, server: Server) -> Origin:
    """What such files are of; where jobs did not fit, the name says how many did."""
    default = JobFilter()
    choices = {name: str(value) for name, value in vars(view).items() if value and name != "page"}
    is_sorted = (view.sort, view.order) != (default.sort, default.order)
    named = (
        f"first-{len(copy.rows)}" if copy.is_full else "",
        view.status,
        view.type,
        view.since,
        f"search-{view.search}" if view.search else "",
        f"by-{view.sort}-{view.order}" if is_sorted else "",
    )
    return Origin(server, copy.fetched_at, "jobs", choices, named)


def coverage(copy: JobsCopy) -> str:
    """A sentence that says how many of the matching jobs a copy has."""
    got, total = len(copy.rows), copy.total
    if copy.is_full:
        return (
            f"The first {count(got)} of {jobs_words(total)} in this order: a file holds no more. "
            "Filter for the others."
        )
    if copy.is_changed:
        return f"{jobs_words(got)}. The list changed while it was read: {count(total)} match now."
    if got != total:
        return f"{count(got)} of {jobs_words(total)}: the others could not be read."
    return f"All {jobs_words(total)} that match."
