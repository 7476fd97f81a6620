"""Notifications of finished jobs and queues: tab title, toasts and browser notifications."""

from collections.abc import Sequence
from typing import Any

from vpo_monitor.insight.notifications import Notification, NotificationMemory
from vpo_monitor.insight.reader import Reader
from vpo_monitor.views.frontend import component
from vpo_monitor.views.navigation import target

_notifications = component("notifications", isolate_styles=False)

_toggle = component("notification_toggle")


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
