"""The server's health and the effective settings."""

import pandas as pd
import streamlit as st

from vpo_monitor.api.models import About, Health
from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings
from vpo_monitor.insight.formatting import duration
from vpo_monitor.insight.number_format import count, decimal
from vpo_monitor.views.cards import facts

_UNKNOWN = "–"
_FILE = "secrets.toml"


def health_facts(server: Server, health: Health | None, about: About | None) -> None:
    """Draw the health that the server reports."""
    known: dict[str, str | None] = {"Address": server.url}
    if health is not None:
        known |= {
            "Status": health.status + (" (shutting down)" if health.shutting_down else ""),
            "Database": health.database,
            "Version": health.version,
            "Uptime": duration(health.uptime_seconds),
            "Running": count(health.jobs_running),
            "Queued": count(health.jobs_queued),
            "Failed in 24 h": count(health.recent_errors),
            "Workers": count(health.active_workers),
        }
    known["Profile"] = None if about is None else about.profile_name
    # Unknown facts keep their row, so that nothing moves once they are known.
    facts({name: value or _UNKNOWN for name, value in known.items()}, key="server-facts")


def settings_table(
    settings: Settings,
    *,
    history_problem: str | None,
    store_problem: str | None,
) -> None:
    """Draw a table of all settings and their sources, and a warning for each corrected one.

    The problems of history and shared store are messages, or None if all is well.
    """
    st.subheader("Settings", anchor=False)
    if history_problem:
        st.warning("History isn't being saved")
        st.text(history_problem)
    if store_problem:
        st.warning("Polling isn't shared with other processes")
        st.text(store_problem)
    for warning in settings.warnings:
        st.warning("Invalid setting corrected")
        st.text(warning)
    shown = (
        (settings.api_url, settings.api_url.value or "not set"),
        (settings.api_token, "set" if settings.api_token.value else "not set"),
        (settings.poll_interval, f"{decimal(settings.poll_interval.value)} s"),
        (settings.log_interval, f"{decimal(settings.log_interval.value)} s"),
        (settings.polling_enabled, "on" if settings.polling_enabled.value else "off"),
        (settings.requests_per_minute, count(settings.requests_per_minute.value)),
        (settings.password, "set" if settings.password.value else "not set"),
        (settings.allowed_emails, _entries(len(settings.allowed_emails.value))),
        (
            settings.allow_unverified_emails,
            "on" if settings.allow_unverified_emails.value else "off",
        ),
        (settings.session_days, f"{decimal(settings.session_days.value)} days"),
        (settings.session_idle_days, f"{decimal(settings.session_idle_days.value)} days"),
        (settings.read_key, "set" if settings.read_key.value else "not set"),
        (settings.stalled_after, f"{decimal(settings.stalled_after.value)} s"),
        (settings.history, "on" if settings.history.value else "off"),
        (settings.history_days, f"{decimal(settings.history_days.value)} days"),
        (settings.history_jobs, f"{count(settings.history_jobs.value)} jobs"),
        (settings.shared_store, "set" if settings.shared_store.value else "not set"),
    )
    rows = [(setting.name, text, setting.source) for setting, text in shown]
    rows += [
        (f"Server {one.name}", f"{one.url}, token {'set' if one.token else 'not set'}", _FILE)
        for one in settings.server_list.servers
    ]
    with st.container(key="settings"):  # the page's style refers to it
        st.dataframe(
            pd.DataFrame(rows, columns=["Setting", "Value", "Source"]),
            hide_index=True,
            height="content",
        )


def _entries(number: int) -> str:
    if not number:
        return "not set"
    return f"{count(number)} {'entry' if number == 1 else 'entries'}"
