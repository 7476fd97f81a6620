"""The server's health and the settings in force."""

import pandas as pd
import streamlit as st

from vpo_monitor.api.models import About, Health
from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings
from vpo_monitor.insight.wording import count, duration
from vpo_monitor.views.facts import facts


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
    if about is not None:
        known["Profile"] = about.profile_name
    facts(known, key="server-facts")


def settings_table(settings: Settings, problem: str | None, store_problem: str | None) -> None:
    """Draw each setting with its source, and a sentence for each that was corrected.

    `problem` is that of the history, `store_problem` that of the store which processes share, where
    they have one.
    """
    st.subheader("Settings in force", anchor=False)
    if problem:
        st.warning("What was watched is not kept as it should be.")
        st.text(problem)
    if store_problem:
        st.warning("The poll is not shared with other processes.")
        st.text(store_problem)
    for warning in settings.warnings:
        st.warning("A setting was corrected.")
        st.text(warning)
    shown = (
        (settings.api_url, settings.api_url.value or "not set"),
        (settings.api_token, "set" if settings.api_token.value else "not set"),
        (settings.poll_interval, f"{settings.poll_interval.value:g} s"),
        (settings.log_interval, f"{settings.log_interval.value:g} s"),
        (settings.polling_enabled, "on" if settings.polling_enabled.value else "off"),
        (settings.requests_per_minute, str(settings.requests_per_minute.value)),
        (settings.password, "set" if settings.password.value else "not set"),
        (settings.allowed_emails, f"{len(settings.allowed_emails.value)} entries"),
        (settings.stalled_after, f"{settings.stalled_after.value:g} s"),
        (settings.history, "on" if settings.history.value else "off"),
        (settings.history_days, f"{settings.history_days.value:g} days"),
        (settings.history_jobs, f"{settings.history_jobs.value:,} jobs"),
        (settings.shared_store, "set" if settings.shared_store.value else "not set"),
    )
    rows = [(setting.name, text, setting.source) for setting, text in shown]
    st.dataframe(
        pd.DataFrame(rows, columns=["Setting", "Value", "From"]),
        key="settings",
        hide_index=True,
        height="content",
    )
