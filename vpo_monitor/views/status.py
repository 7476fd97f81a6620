"""The status element: badge, tab title and notifications, and what the browser reports back.

It is drawn once per page; each tick sends it a message. The browser counts the times in it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import streamlit as st

from vpo_monitor.analysis.connection import Connection, Report
from vpo_monitor.analysis.notifications import Notification, NotificationMemory
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.views.frontend import component
from vpo_monitor.views.message import message
from vpo_monitor.views.navigation import target

_TICK = "tick-message"
_COLORS = {
    Connection.LIVE: "green",
    Connection.IDLE: "green",
    Connection.FINISHED: "gray",
    Connection.FAILED: "red",
    Connection.CONNECTING: "gray",
    Connection.PAUSED: "gray",
    Connection.SLOW: "orange",
    Connection.DATABASE_LOCKED: "orange",
    Connection.RATE_LIMITED: "orange",
    Connection.SHUTTING_DOWN: "orange",
    Connection.RECONNECTING: "orange",
    Connection.OFFLINE: "red",
    Connection.TOKEN_REJECTED: "red",
}

_status = component("status")


@dataclass(frozen=True)
class BrowserState:
    """What a browser tab has reported.

    Whether it is visible, whether browser notifications are on, and the jobs followed in an earlier
    session, as remembered by the browser.
    """

    visible: bool = True
    notified: bool = False
    followed: tuple[str, ...] = ()

    @classmethod
    def latest(cls) -> Self:
        """Return the latest report of this session's tab."""
        reported = st.session_state.get(_TICK) or {}
        followed = reported.get("followed")
        return cls(
            visible=bool(reported.get("visible", True)),
            notified=bool(reported.get("notified", False)),
            followed=tuple(one for one in followed if isinstance(one, str))
            if isinstance(followed, list)
            else (),
        )


def status_element() -> None:
    """Draw the element, once per page and outside of all fragments."""
    _status(key="status")


def send_status(data: dict[str, Any], browser: BrowserState) -> None:
    """Send the element its data.

    If `data` has a new number as `view` or `rows`, the browser requests a rerun of that fragment,
    which must have drawn `rerun_element`; with `start_timer`, it requests a tick once it shows the
    page. It also repeats what the browser has reported, so that the browser notices a lost report.
    """
    message(
        _TICK,
        {**data, "reported": asdict(browser)},
        default=asdict(BrowserState()) | {"followed": []},
        on_visible_change=lambda: None,
        on_notified_change=lambda: None,
        on_followed_change=lambda: None,
        on_rerun_change=lambda: None,
    )


def rerun_element(fragment: str) -> None:
    """Let the status element request a rerun of the fragment that draws this.

    With a callback of the tick that calls `st.rerun`, Streamlit would begin two runs.
    """
    message(f"rerun-{fragment}", {}, on_rerun_change=lambda: None)


def is_requested(fragment: str) -> bool:
    """Whether this run of the fragment was requested by the status element."""
    return (st.session_state.get(f"rerun-{fragment}") or {}).get("rerun") is not None


def color_of(connection: Connection) -> str:
    """The badge's color for a status."""
    return _COLORS[connection]


def badge_data(report: Report, *, has_failed: bool) -> dict[str, Any]:
    """The badge's data, times in seconds from now; rare fields are left out if not needed.

    The page of a job that `has_failed` isn't just finished.
    """
    connection = report.connection
    if has_failed and connection is Connection.FINISHED:
        connection = Connection.FAILED
    rare = {
        "remark": report.remark,
        "until": report.connection is Connection.RATE_LIMITED,
    }
    return {
        **{name: value for name, value in rare.items() if value},
        "word": str(connection),
        "color": color_of(connection),
        "age": report.age,
        "next": report.next_attempt_in,
        "retrying": report.connection.is_failure,
        "stale_in": report.stale_in,
        "counts_stale_in": report.counts_stale_in,
    }


def notification_data(
    title: str, reader: Reader, notifications: Sequence[Notification], memory: NotificationMemory
) -> dict[str, Any]:
    """The data for the tab's title, followed jobs, and new notifications."""
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
