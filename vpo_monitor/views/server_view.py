"""The server's health and the settings in force."""

import pandas as pd
import streamlit as st

from vpo_monitor.api.models import About, Health
from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings
from vpo_monitor.insight.numerals import count, decimal
from vpo_monitor.insight.wording import duration
from vpo_monitor.views.description_list import description_list

_UNKNOWN = "–"
_FILE = "secrets.toml"


def health_facts(server: Server, health: Health | None, about: About | None) -> None:
    """Draw what the server says of itself."""
    known: dict[str, str | None] = {"Address": server.url}
    if health is not None:
        known |= {
            "Status": health.status + (", shutting down" if health.shutting_down else ""),
            "Database": health.database,
            "Version": health.version,
            "Running for": duration(health.uptime_seconds),
            "Jobs running": count(health.jobs_running),
            "Jobs queued": count(health.jobs_queued),
            "Failed in 24 h": count(health.recent_errors),
            "Workers": count(health.active_workers),
        }
    known["Profile"] = None if about is None else about.profile_name
    # What is not known has its row all the same, so that none below it moves when it is.
    description_list({name: value or _UNKNOWN for name, value in known.items()}, key="server-facts")


def settings_table(
    settings: Settings,
    *,
    history_problem: str | None,
    metrics_problem: str | None,
    store_problem: str | None,
) -> None:
    """Draw each setting with its source, and a sentence for each that was corrected.

    The problems are those of the history, of the metrics and of the store that processes share,
    sentences, where they have one.
    """
    st.subheader("Settings in force", anchor=False)
    if history_problem:
        st.warning("What was watched is not kept as it should be.")
        st.text(history_problem)
    if metrics_problem:
        st.warning("No metrics are served.")
        st.text(metrics_problem)
    if store_problem:
        st.warning("The poll is not shared with other processes.")
        st.text(store_problem)
    for warning in settings.warnings:
        st.warning("A setting was corrected.")
        st.text(warning)
    shown = (
        (settings.api_url, settings.api_url.value or "not set"),
        (settings.api_token, "set" if settings.api_token.value else "not set"),
        (settings.poll_interval, f"{decimal(settings.poll_interval.value)} s"),
        (settings.log_interval, f"{decimal(settings.log_interval.value)} s"),
        (settings.polling_enabled, "on" if settings.polling_enabled.value else "off"),
        (settings.requests_per_minute, count(settings.requests_per_minute.value)),
        (settings.password, "set" if settings.password.value else "not set"),
        (settings.allowed_emails, f"{count(len(settings.allowed_emails.value))} entries"),
        (settings.stalled_after, f"{decimal(settings.stalled_after.value)} s"),
        (settings.history, "on" if settings.history.value else "off"),
        (settings.history_days, f"{decimal(settings.history_days.value)} days"),
        (settings.history_jobs, f"{count(settings.history_jobs.value)} jobs"),
        (settings.metrics_port, str(settings.metrics_port.value or "off")),
        (settings.metrics_address, settings.metrics_address.value),
        (settings.shared_store, "set" if settings.shared_store.value else "not set"),
    )
    rows = [(setting.name, text, setting.source) for setting, text in shown]
    rows += [
        (f"Server {one.name}", f"{one.url}, token {'set' if one.token else 'not set'}", _FILE)
        for one in settings.server_list.servers
    ]
    with st.container(key="settings"):  # what the page's style knows it by
        st.dataframe(
            pd.DataFrame(rows, columns=["Setting", "Value", "From"]),
            hide_index=True,
            height="content",
        )
