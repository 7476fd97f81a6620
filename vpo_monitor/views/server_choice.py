"""Which of several servers a session looks at.

`?server=NAME` in the address of any page asks for one, and holds for whatever is opened from there.
A session keeps to its server: another one is opened as a browser opens a page anew, so that nothing
that was read, chosen or followed at one can stand on a page of the other.
"""

import streamlit as st

from vpo_monitor.plain_text import plain_line
from vpo_monitor.server_list import LONGEST_NAME
from vpo_monitor.views.servers import MonitoredServer, monitored_servers

PARAMETER = "server"
_KEPT = "server-in-view"

_anew = st.components.v2.component("vpo_monitor_anew", js="export default () => location.reload();")


def has_multiple_servers() -> bool:
    """Whether there is anything to choose."""
    return len(monitored_servers()) > 1


def names() -> list[str]:
    """What the servers are called, in their order."""
    return [one.server.name for one in monitored_servers() if one.server is not None]


def current_server() -> MonitoredServer:
    """That of this session: as the address said when it was opened, else the first.

    Ends the run where the address has come to name another one, and has the page opened anew.
    """
    everything = monitored_servers()
    if not has_multiple_servers():
        return everything[0]
    named = {_key(one.server.name): one for one in everything if one.server is not None}
    asked = _key(st.query_params.get(PARAMETER, ""))
    kept: str | None = st.session_state.get(_KEPT)
    if kept in named and asked in named and asked != kept:
        _anew(key="anew")
        st.stop()
    chosen = next(name for name in (kept, asked, *named) if name in named)
    st.session_state[_KEPT] = chosen
    return named[chosen]


def unknown_server() -> str | None:
    """The server that the address asks for, where there is none of that name; plain text."""
    asked = plain_line(st.query_params.get(PARAMETER, ""), LONGEST_NAME)
    is_known = _key(asked) in map(_key, names())
    return asked if asked and has_multiple_servers() and not is_known else None


def _key(name: str) -> str:
    """Names that differ in nothing but capitals are one."""
    return name.casefold()
