"""The server's health and the effective settings."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from pydantic import SecretStr

from vpo_monitor import __version__
from vpo_monitor.analysis.formatting import duration
from vpo_monitor.analysis.number_format import count, decimal
from vpo_monitor.api.models import About, Health
from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings, detail
from vpo_monitor.polling.figures import Figures
from vpo_monitor.secrets_files import FILE
from vpo_monitor.views.cards import facts

_UNKNOWN = "–"


def health_facts(server: Server, health: Health | None, about: About | None) -> None:
    """Draw the health that the server reports."""
    known: dict[str, str | None] = {"Address": server.url}
    if health is not None:
        known |= {
            "Status": health.status + (" (shutting down)" if health.shutting_down else ""),
            "Database": health.database,
            "Version": health.version,
            "Process uptime": duration(health.uptime_seconds),
            "Running": count(health.jobs_running),
            "Queued": count(health.jobs_queued),
            "Failed in 24 h": count(health.recent_errors),
            "Workers": count(health.active_workers),
        }
    known["Profile"] = None if about is None else about.profile_name
    # Unknown facts keep their row, so that nothing moves once they are known.
    facts({name: value or _UNKNOWN for name, value in known.items()}, key="server-facts")


def polling_facts(figures: Figures, per_minute: int) -> None:
    """Draw this app's version, how many requests are left, and each route's error, if any."""
    left, most = count(int(figures.budget_left)), count(int(figures.budget_burst))
    failing = {
        str(route).capitalize(): str(one.error)
        for route, one in figures.routes.items()
        if one.error is not None
    }
    st.subheader("Polling", anchor=False)
    facts(
        {
            "App version": __version__,
            "Requests": f"{left} of {most} left now, {count(per_minute)} per minute",
            "Failing": "" if failing else "None of VPO's routes",
            **failing,
        },
        key="polling-facts",
    )


def settings_table(
    settings: Settings,
    *,
    store_problem: str | None,
) -> None:
    """Draw a table of all settings and their sources, and a warning for each corrected one.

    The problem of the shared store is a message, or None if all is well.
    """
    st.subheader("Settings", anchor=False)
    if store_problem:
        st.warning("Polling isn't shared with other processes")
        st.text(store_problem)
    for warning in settings.warnings:
        st.warning("Invalid setting corrected")
        st.text(warning)
    listed = settings.server_list.servers
    replaced = ("api_url", "api_token") if listed else ()
    rows = [
        (origin.name, _shown(name, getattr(settings, name)), origin.source)
        for name, origin in settings.origins.items()
        if name not in replaced
    ]
    rows += [
        (f"Server {one.name}", f"{one.url}, token {'set' if one.token else 'not set'}", FILE)
        for one in listed
    ]
    with st.container(key="settings"):  # the page's style refers to it
        st.dataframe(
            pd.DataFrame(rows, columns=["Setting", "Value", "Source"]),
            hide_index=True,
            height="content",
        )


def _shown(name: str, value: object) -> str:
    """Describe a value in words, without secrets."""
    about = detail(name)
    match value:
        case None | ():
            return about.unset
        case SecretStr():
            return value.get_secret_value() if about.is_visible else "set"
        case bool():
            return "on" if value else "off"
        case int():
            return f"{count(value)} {about.unit}".rstrip()
        case float():
            return f"{decimal(value)} {about.unit}"
        case tuple():
            return f"{count(len(value))} {'entry' if len(value) == 1 else 'entries'}"
    return "on"


def history_notice(problem: str | None) -> None:
    """Say what prevents saving the history, if anything does, or what happened to its file."""
    if problem:
        heading = "History isn't being saved"
        st.warning(heading if problem.startswith(heading) else "History file damaged")
        st.text(problem)


def edits_notice(names: Sequence[str]) -> None:
    """Say that these settings, or their file if it is broken, were edited since the start."""
    if not names:
        return
    st.info("Restart to apply", icon=":material/restart_alt:")
    if names == (FILE,):
        st.text(f"{FILE} was edited and can no longer be read. Fix it before you restart the app.")
    else:
        st.text(
            f"These settings in {FILE} were edited after the app started: {', '.join(names)}. "
            "Restart the app to apply them."
        )
