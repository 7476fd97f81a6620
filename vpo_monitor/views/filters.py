"""The filters and pager of the job list. The URL holds them, so that a link shows the same jobs."""

from dataclasses import replace

import streamlit as st

from vpo_monitor.analysis.estimates.problems import NO_JOBS
from vpo_monitor.analysis.job_filter import (
    JOB_TYPES,
    MAX_SEARCH,
    ORDERS,
    PAGE_SIZE,
    PERIODS,
    SORTS,
    JobFilter,
    from_query_string,
)
from vpo_monitor.analysis.number_format import count
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.saved_views import saved_views
from vpo_monitor.views.url_values import UrlWidgets

_PERIOD_LABELS = {"": "Any time", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
_SORT_LABELS = {
    "created_at": "Created",
    "job_type": "Type",
    "status": "Status",
    "file_path": "Path",
    "duration": "Total time",
}
_DESCENDING_FIRST = ("created_at", "duration")
_ORDER_LABELS = {"desc": "Descending", "asc": "Ascending"}
_OTHER_PARAMETERS = ("selected", "interval", "kiosk", "server")
_IN_MENU = ("type", "since", "sort", "order")
"""The filters in the menu, whose label counts those in use."""
_KEYS = ("search", "type", "since", "sort", "order")


def job_filters() -> JobFilter:
    """Draw the filters and return the current filter, page included."""
    wanted, warnings = from_query_string(st.query_params)
    if _widgets().must_set(wanted):
        for key in _KEYS:
            st.session_state[f"filter-{key}"] = getattr(wanted, key)
    if warnings:
        with st.container(border=True):
            st.text("\n".join(("Some filters in the URL are invalid.", *warnings)))
    row = st.container(key="filters", horizontal=True, vertical_alignment="center")
    with row:
        search = st.text_input(
            "Path contains",
            wanted.search,
            key="filter-search",
            max_chars=MAX_SEARCH,
            placeholder="Path contains",
            label_visibility="collapsed",
            width=300,
        )
        unfiltered = JobFilter()
        in_use = sum(getattr(wanted, name) != getattr(unfiltered, name) for name in _IN_MENU)
        label = f"Filter and sort ({in_use})" if in_use else "Filter and sort"
        with st.popover(label, icon=":material/tune:", key="more-filters"):
            chosen = replace(
                wanted,
                search=search.strip(),
                type=_choice(wanted, "Type", "type", ("", *JOB_TYPES), {"": "All"}),
                since=_choice(wanted, "Created within", "since", ("", *PERIODS), _PERIOD_LABELS),
                sort=_choice(
                    wanted,
                    "Sort by",
                    "sort",
                    SORTS,
                    _SORT_LABELS,
                    help="Sorts all jobs, as a click on a column's name does. The menu of a column "
                    "sorts this page only.",
                ),
                order=_choice(wanted, "Order", "order", ORDERS, _ORDER_LABELS),
            )
    if not is_kiosk():
        with row:
            saved_views(chosen)
    if chosen != wanted:
        chosen = chosen.first_page
        _write(chosen)
    _remember(chosen)
    return chosen


def follow_url(view: JobFilter) -> None:
    """Run the page again if its URL no longer means `view`; call it first in each fragment.

    A callback has changed the URL then. What a click does must not depend on its own run reaching
    its end: the next tick may interrupt it.
    """
    if from_query_string(st.query_params)[0] != view:
        st.rerun()


def current_filter() -> JobFilter:
    """Return the filter of the job list as this session last showed it."""
    view: JobFilter = st.session_state.get("filter", JobFilter())
    return view


def sort_by(sort: str, shown_order: str) -> bool:
    """Sort by this, in reverse if the list was shown in an order of it. Only for callbacks.

    Return whether the list was sorted otherwise before.
    """
    order = ORDERS[0] if sort in _DESCENDING_FIRST else ORDERS[1]
    if shown_order:
        order = ORDERS[1] if shown_order == ORDERS[0] else ORDERS[0]
    current = current_filter()
    st.session_state["filter-sort"], st.session_state["filter-order"] = sort, order
    return (sort, order) != (current.sort, current.order)


def pager(view: JobFilter, total: int | None) -> None:
    """Draw the position and the page buttons; `total` is None until VPO has responded."""
    pages = view.page + 1 if total is None else max(1, -(-total // PAGE_SIZE))
    with st.container(key="pager", horizontal=True, vertical_alignment="center"):
        st.text(_position(view, total, pages))
        if pages > 1 or view.page > 1:
            for key, label, page in (
                ("newer", "Newer page", view.page - 1),
                ("older", "Older page", view.page + 1),
            ):
                text = (
                    label
                    if view.sort == SORTS[0] and view.order == ORDERS[0]
                    else ("Previous page" if page < view.page else "Next page")
                )
                st.button(
                    text,
                    key=f"pager-{key}",
                    disabled=not 1 <= page <= max(pages, view.page - 1),
                    on_click=_write,
                    args=(replace(view, page=min(page, pages)),),
                )


def _position(view: JobFilter, total: int | None, pages: int) -> str:
    first = (view.page - 1) * PAGE_SIZE + 1
    if total is None:
        return f"Page {count(view.page)}"
    if not total:
        return "No jobs match these filters." if view.is_filtered else NO_JOBS
    if first > total:
        return f"Page {count(view.page)} does not exist. The last page is {count(pages)}."
    return f"{count(first)} to {count(min(view.page * PAGE_SIZE, total))} of {count(total)} jobs"


def _choice(
    wanted: JobFilter,
    label: str,
    name: str,
    options: tuple[str, ...],
    labels: dict[str, str],
    help: str | None = None,  # noqa: A002 - Streamlit's name for it
) -> str:
    return st.selectbox(
        label,
        options,
        options.index(getattr(wanted, name)),
        key=f"filter-{name}",
        format_func=lambda option: labels.get(option, option.capitalize()),
        help=help,
    )


def _widgets() -> UrlWidgets:
    return UrlWidgets.of_session(f"filter-{_KEYS[0]}")


def _remember(view: JobFilter) -> None:
    st.session_state["filter"] = view
    _widgets().shown = view


def _write(view: JobFilter) -> None:
    _remember(view)
    kept = {name: st.query_params[name] for name in _OTHER_PARAMETERS if name in st.query_params}
    st.query_params.from_dict({**view.to_query_string(), **kept})
