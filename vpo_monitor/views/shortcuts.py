"""Keyboard shortcuts; `?` lists them on every page."""

from collections.abc import Callable

import streamlit as st

from vpo_monitor.views.frontend import component

_KEY = "shortcuts"

_shortcuts = component("shortcuts")


def shortcuts(*, refresh: Callable[[], None], pause: Callable[[], None]) -> None:
    """Listen for keys, once per page; only `refresh` and `pause` reach the app."""
    with st.sidebar:
        _shortcuts(key=_KEY, on_refresh_change=refresh, on_pause_change=pause)
