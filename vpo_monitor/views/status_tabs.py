"""The tabs of the job list: a link for each status, with its number of jobs where that is known.

Links have no state, so nothing that the browser reports late can undo *Back*.
"""

from collections.abc import Mapping
from dataclasses import replace

from vpo_monitor.analysis.frames import STATUS_LABELS
from vpo_monitor.analysis.job_filter import STATUSES, JobFilter
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.polling.queries import FAILED
from vpo_monitor.views.frontend import component
from vpo_monitor.views.navigation import target

_LABELS = {"": "All", **STATUS_LABELS}
_SELDOM = 300.0
"""Seconds; the failed jobs are also counted whenever VPO's health shows other failures."""

# Not in a shadow tree, so that the page's style can fade old counts.
_tabs = component("status_tabs", isolate_styles=False)


def status_tabs(reader: Reader, view: JobFilter) -> None:
    """Draw the tabs. Each keeps the other filters and leads to the first page."""
    counts = {} if replace(view, status="").is_filtered else _counts(reader)
    tabs = []
    for status in ("", *STATUSES):
        its_view = replace(view, status=status).first_page
        number = counts.get(status)
        tabs.append(
            {
                "label": _LABELS[status],
                "count": "" if number is None else count(number),
                "target": target("jobs", its_view.to_query_string()),
                "current": status == view.status,
            }
        )
    _tabs(key="status-tabs", data={"tabs": tabs})


def _counts(reader: Reader) -> Mapping[str, int | None]:
    """Return the numbers of all jobs of a status that need attention; None if not known."""
    health = reader.health.data
    failed = reader.peek(FAILED, _SELDOM, newer_than=reader.changed_at("recent_errors")).data
    return {
        "queued": health.jobs_queued if health else None,
        "running": health.jobs_running if health else None,
        "failed": failed.total if failed else None,
    }
