"""The refresh interval of one viewer: the configured one, or the one in the page's URL.

Links within the app keep it.
"""

import streamlit as st

from vpo_monitor.analysis.number_format import decimal
from vpo_monitor.config import PollingConfig, Settings
from vpo_monitor.services import MonitoredServer

PARAMETER = "interval"
_CHOICES = ("2", "5", "10", "30", "60")
_OFF = "off"
_WIDGET = "interval-choice"
_BEFORE_PAUSE = "interval-before-pause"


def viewer_polling(server: MonitoredServer) -> PollingConfig:
    """Return this viewer's polling; viewers can't enable it if the settings disable it."""
    return polling_for(server.settings)


def polling_for(settings: Settings) -> PollingConfig:
    """Return this viewer's polling with a server's effective settings."""
    polling = settings.polling
    chosen = chosen_interval()
    if chosen is None or not polling.enabled:
        return polling
    if chosen == _OFF:
        return polling.model_copy(update={"enabled": False})
    return PollingConfig(
        interval=float(chosen), log_interval=max(polling.log_interval, float(chosen))
    )


def chosen_interval() -> str | None:
    """Return the valid interval in the URL, if any."""
    chosen = st.query_params.get(PARAMETER)
    return chosen if chosen in (*_CHOICES, _OFF) else None


def interval_choice(server: MonitoredServer) -> None:
    """Draw the menu of intervals. Its label is the current one, so it has no state of its own."""
    polling = server.settings.polling
    if not polling.enabled:
        return
    default = f"{polling.interval:g}"
    options = [*sorted({*_CHOICES, default}, key=float), _OFF]
    labels = {one: f"Every {decimal(float(one))} s" for one in options[:-1]} | {_OFF: "Paused"}
    st.menu_button(
        labels[chosen_interval() or default],
        options,
        key=_WIDGET,
        format_func=labels.__getitem__,
        on_click=lambda: _choose(st.session_state[_WIDGET], default),
        width=116,
    )


def toggle_pause(server: MonitoredServer) -> None:
    """Pause polling for this viewer, or resume; no effect if disabled in the settings."""
    polling = server.settings.polling
    if not polling.enabled:
        return
    default = f"{polling.interval:g}"
    chosen = chosen_interval()
    if chosen == _OFF:
        _choose(st.session_state.get(_BEFORE_PAUSE, default), default)
    else:
        st.session_state[_BEFORE_PAUSE] = chosen or default
        _choose(_OFF, default)


def _choose(interval: str, default: str) -> None:
    """Put the interval in the URL; the default needs none."""
    if interval != default:
        st.query_params[PARAMETER] = interval
    else:
        st.query_params.pop(PARAMETER, None)
