from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present time, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write a time as VPO does in JSON: `2026-11-23T21:52:28.086682+00:00`.

    The microseconds are always there, so the text sorts as the times do.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def seconds_between(start: object, end: object) -> float | None:
    """Return the seconds from one stored ISO time to another, or None if either is not a time."""
    try:
        return (
            datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start))
        ).total_seconds()
    except (TypeError, ValueError):
        return None
