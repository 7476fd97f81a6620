"""Drop reruns requested by a page the user has left.

Symptom: the app stays empty after a page change ("Bad delta path index"), until it is reloaded.
Seen 4 times in about 700 page changes with `st.navigation`, keyed fragments and a tick of 300 ms,
more often with a throttled CPU; with this patch 0 in 160. Or a link does nothing: on a slow machine
the old page, whose ticks are late, requests a run of itself after the new page was requested.

Until a browser learns of its new page, its timers and components still request reruns of the old
one. If Streamlit runs such a request after the new page, the browser takes it for another page
change: it goes back, or clears the screen and waits for elements that never arrive.

There is no public alternative: scripts can't see which page a rerun was requested by. Delete this
file when Streamlit drops such reruns itself.
"""

import functools
import inspect
import logging
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_LOGGER = logging.getLogger(__name__)
_LATE_SECONDS = 30.0
"""A browser learns of its new page within this time; later requests are always run."""


def apply() -> None:
    """Patch `AppSession.request_rerun`, once."""
    request_rerun = AppSession.request_rerun
    if hasattr(request_rerun, "__wrapped__"):
        return
    if not _is_as_expected(request_rerun):
        _LOGGER.warning(
            "This version of Streamlit handles reruns differently, so late ones aren't dropped. "
            "A page may stay empty after a page change; reload it."
        )
        return
    gone_to: WeakKeyDictionary[AppSession, tuple[str, float]] = WeakKeyDictionary()

    @functools.wraps(request_rerun)
    def request_unless_late(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None:
            script, now = client_state.page_script_hash, time.monotonic()
            if not _is_from_element(client_state):
                gone_to[self] = script, now
            page, since = gone_to.get(self, ("", now))
            # Either is empty while the browser knows its page only by URL.
            if script and page and script != page and now < since + _LATE_SECONDS:
                return
        request_rerun(self, client_state)

    AppSession.request_rerun = request_unless_late  # type: ignore[method-assign]


def _is_from_element(client_state: ClientState) -> bool:
    """Whether an element of a page requests the rerun: none of them opens another page."""
    return bool(client_state.fragment_id) or any(
        (state.WhichOneof("value") or "").endswith("trigger_value")
        for state in client_state.widget_states.widgets
    )


def _is_as_expected(request_rerun: Callable[..., None]) -> bool:
    takes_one = len(inspect.signature(request_rerun).parameters) == 2  # noqa: PLR2004 - with self
    names = {field.name for field in ClientState.DESCRIPTOR.fields}
    return takes_one and {"fragment_id", "page_script_hash", "widget_states"} <= names
