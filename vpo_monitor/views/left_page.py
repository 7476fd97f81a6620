"""Drop reruns requested by a page the user has left."""

import time
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_LATE_SECONDS = 30.0
"""A browser learns of its new page within this time; later requests are always run."""


def let_left_pages_be() -> None:
    """Patch Streamlit to drop late reruns of the previous page.

    Until a browser learns of the new page, its timers still request reruns of the old one. If
    Streamlit runs such a request after the new page, the browser takes it for another page change,
    clears the screen, and waits for elements that never arrive.
    """
    gone_to: WeakKeyDictionary[AppSession, tuple[str, float]] = WeakKeyDictionary()
    request_rerun = AppSession.request_rerun

    def request_what_is_not_late(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None:
            script, now = client_state.page_script_hash, time.monotonic()
            if not client_state.fragment_id:
                gone_to[self] = script, now
            page, since = gone_to.get(self, ("", now))
            # Either is empty while the browser knows its page only by URL.
            if script and page and script != page and now < since + _LATE_SECONDS:
                return
        request_rerun(self, client_state)

    AppSession.request_rerun = request_what_is_not_late  # type: ignore[method-assign]
