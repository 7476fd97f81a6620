"""Says on pages with recorded events what is missing if the app doesn't poll by itself."""

import streamlit as st

from vpo_monitor.services import MonitoredServer
from vpo_monitor.views.kiosk import is_kiosk


def watch_note(server: MonitoredServer) -> None:
    """Draw one sentence if events are recorded only while a page is open."""
    settings = server.own_settings
    is_off = settings.polling_enabled and settings.watch_interval is None
    if is_off and not server.is_demo and not is_kiosk():
        st.caption(
            "Events are recorded only while a page is open. To record them always, set "
            f"`{settings.origins['watch_interval'].name}`."
        )
