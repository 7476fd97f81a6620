"""Exports of the jobs in a view, including how complete they are."""

from dataclasses import dataclass

from vpo_monitor.analysis.exports.csv_text import csv_bytes
from vpo_monitor.analysis.exports.json_text import json_bytes
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.exports.table import table_from_jobs, to_plain_value
from vpo_monitor.analysis.formatting import job_count
from vpo_monitor.analysis.job_filter import JobFilter
from vpo_monitor.analysis.number_format import count
from vpo_monitor.api.server import Server
from vpo_monitor.polling.jobs_copy import JobsCopy


@dataclass(frozen=True)
class JobsExport:
    """Both export files, created once."""

    csv: bytes
    json: bytes
    provenance: Provenance
    coverage: str


def export_jobs(copy: JobsCopy, view: JobFilter, server: Server) -> JobsExport:
    """Create the export files of a finished download."""
    provenance = jobs_provenance(copy, view, server)
    table = table_from_jobs(copy.rows)
    more = {"matching": copy.total, "fetching_began_at": to_plain_value(copy.begun_at)}
    return JobsExport(
        csv_bytes(table), json_bytes(table, provenance, more), provenance, coverage(copy)
    )


def jobs_provenance(copy: JobsCopy, view: JobFilter, server: Server) -> Provenance:
    """Return the provenance of the files; if jobs did not fit, the file name includes the count."""
    default = JobFilter()
    choices = {name: str(value) for name, value in vars(view).items() if value and name != "page"}
    is_sorted = (view.sort, view.order) != (default.sort, default.order)
    name_parts = (
        f"first-{len(copy.rows)}" if copy.is_full else "",
        view.status,
        view.type,
        view.since,
        f"search-{view.search}" if view.search else "",
        f"by-{view.sort}-{view.order}" if is_sorted else "",
    )
    return Provenance(server, copy.fetched_at, "jobs", choices, name_parts)


def coverage(copy: JobsCopy) -> str:
    """Return a sentence that says how many of the matching jobs are included."""
    got, total = len(copy.rows), copy.total
    if copy.is_full:
        return (
            f"First {count(got)} of {job_count(total)} in this order, the maximum per file. "
            "Filter the list to get the rest."
        )
    if copy.is_changed:
        return f"{job_count(got)}. The list changed during the export: {count(total)} match now."
    if got != total:
        return f"{count(got)} of {job_count(total)}. The others couldn't be read."
    return f"All matching jobs ({count(total)})."
