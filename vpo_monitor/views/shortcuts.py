"""Keyboard shortcuts, listed by `?`, and reruns of the whole page that the browser requests."""

from collections.abc import Callable

import streamlit as st

from vpo_monitor.views.frontend import component
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.unseen import unseen

_KEY = "shortcuts"

_shortcuts = component("shortcuts")


def shortcuts(*, refresh: Callable[[], None], pause: Callable[[], None]) -> None:
    """Listen for keys, once per page; only `refresh` and `pause` reach the app.

    If a tick is late, the status element has this element rerun the page: after an app restart the
    browser has a new session, in which no fragment can run before the page has.
    """
    with unseen("shortcuts") if is_kiosk() else st.sidebar:
        _shortcuts(
            key=_KEY,
            data={"kiosk": is_kiosk()},
            on_refresh_change=refresh,
            on_pause_change=pause,
            on_rerun_change=lambda: None,
        )
