"""The refresh interval of one viewer: the configured one, or the viewer's own choice.

The choice is kept for the browser session, and in the URL so that it survives a reload.
"""

import streamlit as st

from vpo_monitor.config import PollingConfig, Settings
from vpo_monitor.insight.number_format import decimal
from vpo_monitor.services import MonitoredServer
from vpo_monitor.views.navigation import keep_in_address
from vpo_monitor.views.unseen import unseen

PARAMETER = "interval"
_CHOICES = ("2", "5", "10", "30", "60")
_OFF = "off"
_CHOICE_KEY = "own-interval"
_BEFORE_PAUSE = "interval-before-pause"
_WIDGET = "interval-choice"


def viewer_polling(server: MonitoredServer) -> PollingConfig:
    """Return this viewer's polling; viewers can't enable it if the settings disable it."""
    return polling_for(server.settings)


def polling_for(settings: Settings) -> PollingConfig:
    """Return this viewer's polling with a server's effective settings."""
    polling = settings.polling
    chosen = _chosen()
    if chosen is None or not polling.enabled:
        return polling
    if chosen == _OFF:
        return polling.model_copy(update={"enabled": False})
    return PollingConfig(
        interval=float(chosen), log_interval=max(polling.log_interval, float(chosen))
    )


def interval_choice(server: MonitoredServer) -> None:
    """Draw the interval select box."""
    polling = server.settings.polling
    if not polling.enabled:
        return
    default = f"{polling.interval:g}"
    options = [*sorted({*_CHOICES, default}, key=float), _OFF]
    labels = {one: f"Every {decimal(float(one))} s" for one in options[:-1]} | {_OFF: "Paused"}
    if st.session_state.get(_WIDGET, default) not in options:
        del st.session_state[_WIDGET]
    st.selectbox(
        "Refresh interval",
        options,
        # Not set through session state: a browser returning to a page can miss that, and would
        # show the first option.
        options.index(_chosen() or default),
        key=_WIDGET,
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        width=116,
        on_change=_keep,
    )
    with unseen("interval"):
        keep_in_address(PARAMETER, _chosen(), key="address")


def toggle_pause(server: MonitoredServer) -> None:
    """Pause polling for this viewer, or resume; no effect if disabled in the settings."""
    polling = server.settings.polling
    if not polling.enabled:
        return
    chosen = _chosen()
    if chosen != _OFF:
        st.session_state[_BEFORE_PAUSE] = chosen
        chosen = _OFF
    else:
        chosen = st.session_state.get(_BEFORE_PAUSE)
    st.session_state[_CHOICE_KEY] = chosen
    st.session_state[_WIDGET] = chosen or f"{polling.interval:g}"


def _chosen() -> str | None:
    """The session's choice; at its start, the one in the URL."""
    if _CHOICE_KEY not in st.session_state:
        requested = st.query_params.get(PARAMETER)
        st.session_state[_CHOICE_KEY] = requested if requested in (*_CHOICES, _OFF) else None
    chosen: str | None = st.session_state[_CHOICE_KEY]
    return chosen


def _keep() -> None:
    # A browser that leaves a half-drawn page reports widgets that no longer exist.
    if _WIDGET in st.session_state:
        st.session_state[_CHOICE_KEY] = st.session_state[_WIDGET]
