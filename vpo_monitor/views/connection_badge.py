"""The badge: connection status, age of the data and next retry, updated by the browser."""

from typing import Any

from vpo_monitor.insight.connection import Connection, Report
from vpo_monitor.views.frontend import component

_COLORS = {
    Connection.LIVE: "green",
    Connection.IDLE: "green",
    Connection.FINISHED: "gray",
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

_badge = component("badge")


def connection_badge() -> None:
    """Draw the badge; each pulse sends its data."""
    _badge(key="connection-badge")


def color_of(connection: Connection) -> str:
    """The badge's color for a status."""
    return _COLORS[connection]


def badge_data(report: Report) -> dict[str, Any]:
    """The badge's data, times in seconds from now; rare fields are left out if not needed."""
    rare = {
        "remark": report.remark,
        "until": report.connection is Connection.RATE_LIMITED,
    }
    return {
        **{name: value for name, value in rare.items() if value},
        "word": str(report.connection),
        "color": color_of(report.connection),
        "age": report.age,
        "next": report.next_attempt_in,
        "retrying": report.connection.is_failure,
        "stale_in": report.stale_in,
        "counts_stale_in": report.counts_stale_in,
    }
