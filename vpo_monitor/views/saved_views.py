"""Named views of the job list, saved in the browser as the page's query strings.

The app never receives them, so they are private to the browser.
"""

from urllib.parse import urlencode

from vpo_monitor.analysis.job_filter import JobFilter
from vpo_monitor.views.frontend import component
from vpo_monitor.views.navigation import target

_MOST = 20
_LIMITS = {
    "most": _MOST,
    "full": f"Limit of {_MOST} saved views reached. Remove one first.",
    "closed": "View not saved: the browser blocks storage for this page. Allow it, then reload.",
}

_saved_views = component("saved_views")


def saved_views(view: JobFilter) -> None:
    """Draw the saved views and a button to save `view`: once per page, outside the live part."""
    parameters = {name: value for name, value in view.to_query_string().items() if name != "page"}
    _saved_views(
        key="saved-views",
        data={**_LIMITS, "page": target("jobs", {}), "query": urlencode(parameters)},
    )
