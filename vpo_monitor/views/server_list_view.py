"""The list of all servers, shown at the top of the overview if there are several."""

from collections.abc import Mapping
from typing import Any

from vpo_monitor import services
from vpo_monitor.analysis.connection import Connection
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.analysis.server_state import OtherServer, ServerState, read_server_states
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.local_time import hour_and_minute
from vpo_monitor.views.refresh import page_state
from vpo_monitor.views.server_switch import servers_component
from vpo_monitor.views.status import color_of
from vpo_monitor.views.viewer_polling import polling_for

_NOT_ANSWERING = frozenset({Connection.OFFLINE, Connection.RECONNECTING, Connection.SHUTTING_DOWN})


def server_list(page: Reader, current: str) -> None:
    """Draw the list, with the `current` server marked; it doesn't wait for slow servers.

    A change on any server redraws the page. A kiosk shows compact cards; with more than four
    servers, without their running jobs.
    """
    page_state().others = [
        one.poller for one in services.current().servers if one.server.name != current
    ]
    states = page.track(_look)
    servers = [{"name": name, "state": _state(state)} for name, state in states.items()]
    layout = "wall" if is_kiosk() else "list"
    servers_component(
        key="server-list", data={"layout": layout, "servers": servers, "current": current}
    )


def _look(page: Reader) -> Mapping[str, ServerState]:
    state, servers = page_state(), {}
    for one in services.current().servers:
        own = state.elsewhere.setdefault(one.server.name, ReaderMemory())
        own.newer_than = state.memory.newer_than
        own.refreshed_at = state.memory.refreshed_at
        servers[one.server.name] = OtherServer(one.poller, polling_for(one.settings), own)
    return read_server_states(page, servers)


def _state(state: ServerState) -> dict[str, Any]:
    return {
        "word": str(state.connection),
        "color": color_of(state.connection),
        "counts": _counts(state) if state.is_known else "",
        "runs": _runs(state),
        "old": state.connection in _NOT_ANSWERING,
    }


def _counts(state: ServerState) -> str:
    return (
        f"{count(state.running)} running · {count(state.queued)} queued · "
        f"{count(state.failed)} failed in 24 h"
    )


def _runs(state: ServerState) -> str:
    if state.connection in _NOT_ANSWERING:
        if state.answered_at is None:
            return "No response yet"
        return f"No response since {hour_and_minute(state.answered_at)}"
    return " · ".join(state.runs)
