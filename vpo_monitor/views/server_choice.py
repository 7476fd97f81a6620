"""The server that a session shows, if there are several.

`?server=NAME` in any page's URL selects it, also for the pages opened from there. A session keeps
its server: switching starts it over, so that nothing read, selected or followed on one server can
appear on another's page.
"""

import streamlit as st

from vpo_monitor import services
from vpo_monitor.plain_text import plain_line
from vpo_monitor.secrets_files import LONGEST_NAME
from vpo_monitor.services import MonitoredServer

PARAMETER = "server"
_SERVER = "server-in-view"
_SERVERS = "servers"


def has_multiple_servers() -> bool:
    """Whether there is more than one server."""
    return len(services.current().servers) > 1


def server_names() -> list[str]:
    """Return the servers' names, in configured order."""
    return [one.server.name for one in services.current().servers]


def current_server() -> MonitoredServer:
    """Return this session's server: the one in the URL, else the one before, else the first.

    If the URL names another one than before, or the app was switched to other servers, the session
    starts over.
    """
    servers = services.current().servers
    if st.session_state.get(_SERVERS, servers) is not servers:
        st.session_state.clear()
    st.session_state[_SERVERS] = servers
    if len(servers) == 1:
        return servers[0]
    named = {_key(one.server.name): one for one in servers}
    requested = _key(st.query_params.get(PARAMETER, ""))
    saved: str | None = st.session_state.get(_SERVER)
    chosen = next(name for name in (requested, saved, *named) if name in named)
    if saved in named and chosen != saved:
        st.session_state.clear()
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
