"""Links and jumps to other pages, each with exactly one new entry in the browser's history.

Streamlit's `switch_page` pushes two entries if query parameters change along with the page, so that
Back leads to a page without its filters; `go_to` pushes the URL itself. `page_link` pushes one.
"""

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from vpo_monitor.app_files import PAGES_FOLDER
from vpo_monitor.views import kiosk, server_choice, viewer_polling
from vpo_monitor.views.message import message

_GOING, _GOING_SECONDS = "going-to", 3.0


def page_link(
    page: str,
    label: str,
    parameters: Mapping[str, str] | None = None,
    *,
    icon: str | None = None,
    help: str | None = None,  # noqa: A002 - Streamlit's name for it
) -> None:
    """Draw a link to a page, given by its URL path."""
    st.page_link(
        PAGES_FOLDER / f"{page}.py",
        label=label,
        icon=icon,
        help=help,
        query_params={**(parameters or {}), **_kept()},
    )


def target(page: str, parameters: Mapping[str, str]) -> str:
    """Return the URL of a page, for components: an absolute path with its query string."""
    query = urlencode({**parameters, **_kept()})
    return f"{base_path()}{page}?{query}" if query else f"{base_path()}{page}"


def go_to(page: str, parameters: Mapping[str, str], *, mark: Mapping[str, str]) -> None:
    """Request navigation to a page, given by its URL path; `keep_going` performs it.

    `mark` is added to the URL of the current page.
    """
    data = {"target": target(page, parameters), "mark": dict(mark), "turn": time.monotonic()}
    st.session_state[_GOING] = data


def keep_going() -> None:
    """Have the browser navigate, once per request.

    Redraws within 3 s send it, too: they may replace the first before the browser sees it.
    """
    data = st.session_state.get(_GOING)
    if data is not None and time.monotonic() - data["turn"] < _GOING_SECONDS:
        message("jump-to", data)


def base_path() -> str:
    """Return the path under which the app is served, with slashes around it."""
    name = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{name}/" if name else "/"


def _kept() -> dict[str, str]:
    """Return the parameters that all pages of a session share."""
    kept = {}
    if server_choice.has_multiple_servers():
        kept[server_choice.PARAMETER] = server_choice.current_server().server.name
    if kiosk.is_kiosk():
        kept[kiosk.PARAMETER] = "1"
        given = st.query_params
        kept |= {name: given[name] for name in (kiosk.ROTATE, kiosk.EVERY) if name in given}
    if (interval := viewer_polling.chosen_interval()) is not None:
        kept[viewer_polling.PARAMETER] = interval
    return kept
