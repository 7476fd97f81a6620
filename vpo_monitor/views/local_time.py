"""Format timestamps in the viewer's time zone."""

from datetime import UTC, datetime, tzinfo

import streamlit as st

from vpo_monitor.analysis.zones import zone


def zone_name() -> str:
    """The name of the viewer's time zone."""
    return st.context.timezone or "UTC"


def viewer_zone() -> tzinfo:
    """Return the viewer's time zone."""
    return zone(zone_name())


def local(moment: datetime | None) -> str:
    """Format date, time and zone; empty for None."""
    if moment is None:
        return ""
    at = viewer_zone()
    name = zone_name() if at is not UTC else "UTC"
    return f"{moment.astimezone(at):%Y-%m-%d %H:%M:%S} ({name})"


def minute(moment: datetime) -> str:
    """Format date and time to the minute, without the zone."""
    return f"{moment.astimezone(viewer_zone()):%Y-%m-%d %H:%M}"


def clock_time(moment: datetime) -> str:
    """Format the time of day as HH:MM:SS."""
    return f"{moment.astimezone(viewer_zone()):%H:%M:%S}"


def hour_and_minute(moment: datetime) -> str:
    """Format the time of day as HH:MM."""
    return f"{moment.astimezone(viewer_zone()):%H:%M}"
