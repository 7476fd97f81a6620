"""What a browser asks on for a page that its viewer has left is let be."""

import time
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_LATE_SECONDS = 30.0
"""How long a browser may take to hear of its next page; from then on it is believed again."""


def let_left_pages_be() -> None:
    """Keep what is asked for the page before from clearing the page that a viewer goes to.

    Until it hears of the next page, a browser ticks for the one before. Streamlit runs that after
    the next page, in the name of the page before: the browser takes this for one more change of
    page, clears its screen, and waits for a drawing that nobody makes.
    """
    gone_to: WeakKeyDictionary[AppSession, tuple[str, float]] = WeakKeyDictionary()
    request_rerun = AppSession.request_rerun

    def request_what_is_not_late(self: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None:
            script, now = client_state.page_script_hash, time.monotonic()
            if not client_state.fragment_id:
                gone_to[self] = script, now
            page, since = gone_to.get(self, ("", now))
            # Either is empty where the address is all that a browser knows of its page as yet.
            if script and page and script != page and now < since + _LATE_SECONDS:
                return
        request_rerun(self, client_state)

    AppSession.request_rerun = request_what_is_not_late  # type: ignore[method-assign]
