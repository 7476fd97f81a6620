"""The server menu, and the name of the current server."""

import streamlit as st

from vpo_monitor.views.frontend import component
from vpo_monitor.views.server_choice import server_names

servers_component = component("servers")


def server_switch(current: str) -> None:
    """Draw a link to the same page on each server; the `current` one is marked."""
    servers = [{"name": name} for name in server_names()]
    servers_component(
        key="server-switch", data={"layout": "menu", "servers": servers, "current": current}
    )


def mark_current_server(current: str) -> None:
    """Show the name of the page's server."""
    with st.container(key="server-name"):
        st.text(current)
