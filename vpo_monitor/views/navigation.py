"""Navigate to another page with exactly one new entry in the browser's history.

Streamlit's `switch_page` and `page_link` push two entries if query parameters change along with the
page, so that Back leads to a page without its filters. The functions here push the URL themselves;
Streamlit then follows it as it follows Back.
"""

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from vpo_monitor.views.frontend import component

_GOING, _GOING_SECONDS = "going-to", 3.0

_jump = component("jump")

_link = component("link")

_keep_in_address = component("address")


def go_to(page: str, parameters: Mapping[str, str], *, mark: Mapping[str, str]) -> None:
    """Request navigation to a page, given by its URL path; `keep_going` performs it.

    `mark` is added to the URL of the current page.
    """
    data = {"target": target(page, parameters), "mark": dict(mark), "turn": time.monotonic()}
    st.session_state[_GOING] = data


def keep_going() -> None:
    """Draw the element that navigates, once per request.

    Redraws within 3 s draw it, too: they may replace the first before the browser sees it.
    """
    data = st.session_state.get(_GOING)
    if data is not None and time.monotonic() - data["turn"] < _GOING_SECONDS:
        _jump(key="jump-to", data=data)


def link(label: str, page: str, parameters: Mapping[str, str], *, key: str) -> None:
    """Draw a link to a page, given by its URL path."""
    _link(key=key, data={"label": label, "target": target(page, parameters)})


def target(page: str, parameters: Mapping[str, str]) -> str:
    """Return the URL of a page, relative to the app's."""
    return f"{page}?{urlencode(parameters)}" if parameters else page


def keep_in_address(name: str, value: str | None, *, key: str) -> None:
    """Set a query parameter of the page's URL, to survive a reload; None changes nothing."""
    # The page is sent, too, so that the parameter returns when another page is opened.
    data = {"name": name, "value": value, "page": st.context.url}
    _keep_in_address(key=key, data=data)


def base_path() -> str:
    """Return the path under which the app is served, with slashes around it."""
    name = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{name}/" if name else "/"
