from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present time, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Format a time as VPO does in JSON: `2026-11-23T21:52:28.086682+00:00`.

    The microseconds are always included, so these texts sort like the times.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
