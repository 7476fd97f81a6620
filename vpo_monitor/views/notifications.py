"""Notifications of finished jobs and queues: tab title, toasts and browser notifications."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from vpo_monitor.insight.notifications import Notification, NotificationMemory
from vpo_monitor.insight.reader import Reader
from vpo_monitor.views.browser_storage import STORAGE_JS
from vpo_monitor.views.navigation import GO_TO_JS, target

_notifications = st.components.v2.component(
    "vpo_monitor_notifications",
    html='<div class="vpo-toasts" role="status"></div>',
    css="""
    .vpo-toasts { visibility: visible; position: fixed; right: 1rem; bottom: 1rem;
      z-index: 1000; display: grid;
      gap: .5rem; width: min(22rem, calc(100vw - 2rem)); }
    .vpo-toasts .toast { display: grid; grid-template-columns: 1fr auto; gap: .1rem .5rem;
      padding: .6rem .8rem; color: var(--st-text-color); background: var(--st-background-color);
      border: 1px solid var(--st-border-color); border-left: .3rem solid var(--st-green-color);
      border-radius: var(--st-base-radius); box-shadow: 0 .2rem .8rem rgb(0 0 0 / 25%); }
    .vpo-toasts .failure { border-left-color: var(--st-red-color); }
    .vpo-toasts :is(a, b) { font-weight: 600; overflow-wrap: anywhere; }
    .vpo-toasts a { color: var(--st-link-color); }
    .vpo-toasts span { grid-column: 1 / 3; font-size: .875rem; overflow-wrap: anywhere; }
    .vpo-toasts button { all: unset; cursor: pointer; align-self: start; padding: 0 .25rem; }
    .vpo-toasts button:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js=STORAGE_JS + GO_TO_JS + Path(__file__).with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,
)

_toggle = st.components.v2.component(
    "vpo_monitor_notification_toggle",
    html="""
    <button type="button">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path
        d="M12 3a6 6 0 0 0-6 6v4l-2 3v1h16v-1l-2-3V9a6 6 0 0 0-6-6Zm-2 15a2 2 0 0 0 4 0Z"/></svg>
      <span></span>
    </button>
    """,
    css="""
    button { font: .875rem var(--st-font); color: var(--st-text-color); background: none;
      border: 0; padding: .5rem .25rem; cursor: pointer; white-space: nowrap;
      display: flex; align-items: center; gap: .4rem; }
    svg { width: 1rem; height: 1rem; fill: none; stroke: currentColor; stroke-width: 1.8; }
    [aria-pressed="true"] svg { fill: currentColor; }
    button:hover:enabled { color: var(--st-primary-color); }
    button:disabled { opacity: .6; cursor: help; }
    button:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js=STORAGE_JS
    + """
    const WANTED = "vpo-monitor-notifications";
    export default function ({ parentElement }) {
      const button = parentElement.querySelector("button");
      const show = () => {
        const can = "Notification" in window && window.isSecureContext;
        const denied = can && Notification.permission === "denied";
        const on = can && Notification.permission === "granted"
          && storageOf("localStorage")?.getItem(WANTED) === "on";
        button.querySelector("span").textContent = on ? "Notify: on" : "Notify me";
        button.ariaPressed = String(on);
        button.disabled = !can || denied;
        button.title = !can
          ? "Notifications need HTTPS or localhost; in-page alerts still work."
          : denied
            ? "Notifications are blocked. Allow them for this page in the browser's settings."
            : on
              ? "You are notified when a followed job or the queue finishes. Click to turn off."
              : "Get notified when a followed job or the queue finishes.";
      };
      button.onclick = async () => {
        const on = button.ariaPressed === "true";
        if (!on && await Notification.requestPermission() !== "granted") return show();
        storageOf("localStorage")?.setItem(WANTED, on ? "off" : "on");
        show();
        dispatchEvent(new Event("vpo-pulse"));
      };
      show();
    }
    """,
)


def notifications(server: str | None) -> None:
    """Draw the component that shows notifications: once per page, outside the live part.

    With several servers, the browser remembers followed jobs separately for each `server`.
    """
    _notifications(key="notifications", data=None if server is None else {"server": server})


def notification_toggle() -> None:
    """Draw the switch for browser notifications."""
    _toggle(key="bell")


def notification_data(
    title: str, reader: Reader, notifications: Sequence[Notification], memory: NotificationMemory
) -> dict[str, Any]:
    """Return a pulse's data for the tab title, followed jobs, and new notifications."""
    health = reader.health.data
    return {
        "page": title,
        "running": (health and health.jobs_running) or 0,
        "failed": (health and health.recent_errors) or 0,
        "session": memory.session,
        "followed": list(memory.followed),
        "notifications": [
            {
                "id": one.id,
                "title": one.title,
                "text": one.text,
                "target": None if one.job_id is None else target("job", {"id": one.job_id}),
                "failure": one.is_failure,
            }
            for one in notifications
        ],
    }
