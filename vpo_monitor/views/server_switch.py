"""The server menu, and links that keep the current server."""

import streamlit as st

from vpo_monitor.views.frontend import component
from vpo_monitor.views.navigation import keep_in_address
from vpo_monitor.views.server_choice import PARAMETER, server_names
from vpo_monitor.views.unseen import unseen

_switch = component("server_switch")

_links = component("server_links")


def server_switch(current: str) -> None:
    """Draw a link to the same page on each server; the `current` one is marked."""
    _switch(key="server-switch", data={"names": server_names(), "current": current})


def mark_current_server(current: str, *, is_asked_for: bool) -> None:
    """Show the page's server, and keep it in the URL and in all links within the app.

    If the URL names an unknown server (not `is_asked_for`), it is left unchanged.
    """
    with st.container(key="server-name"):
        st.text(current)
    with unseen("server"):
        keep_in_address(PARAMETER, current if is_asked_for else None, key="server-address")
        _links(key="server-links", data={"name": current})
