"""The server that a session shows, if there are several.

`?server=NAME` in any page's URL selects it, also for the pages opened from there. A session keeps
its server: switching reloads the page in a new session, so that nothing read, selected or followed
on one server can appear on another's page.
"""

import streamlit as st

from vpo_monitor.plain_text import plain_line
from vpo_monitor.server_list import LONGEST_NAME
from vpo_monitor.views.frontend import component
from vpo_monitor.views.servers import MonitoredServer, monitored_servers

PARAMETER = "server"
_SERVER = "server-in-view"

_reload_page = component("reload_page")


def has_multiple_servers() -> bool:
    """Whether there is more than one server."""
    return len(monitored_servers()) > 1


def server_names() -> list[str]:
    """Return the servers' names, in configured order."""
    return [one.server.name for one in monitored_servers() if one.server is not None]


def current_server() -> MonitoredServer:
    """Return this session's server: the one in the URL when it was opened, else the first.

    If the URL now names another one, reload the page and end the run.
    """
    everything = monitored_servers()
    if not has_multiple_servers():
        return everything[0]
    named = {_key(one.server.name): one for one in everything if one.server is not None}
    requested = _key(st.query_params.get(PARAMETER, ""))
    saved: str | None = st.session_state.get(_SERVER)
    if saved in named and requested in named and requested != saved:
        _reload_page(key="anew")
        st.stop()
    chosen = next(name for name in (saved, requested, *named) if name in named)
    st.session_state[_SERVER] = chosen
    return named[chosen]


def unknown_server() -> str | None:
    """Return the name in the URL, as plain text, if no server has it."""
    requested = plain_line(st.query_params.get(PARAMETER, ""), LONGEST_NAME)
    is_known = _key(requested) in map(_key, server_names())
    return requested if requested and has_multiple_servers() and not is_known else None


def _key(name: str) -> str:
    """Names are compared without regard to case."""
    return name.casefold()
