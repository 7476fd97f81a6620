"""The errors of requests to a VPO server.

`str(error)` is a sentence for the user: what happened and what to do. It never contains a token, a
URL with credentials or text from the server, and no `__cause__` holds a request.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class VpoError(Exception):
    """Base class of all errors that the client raises."""


class Unreachable(VpoError):
    """No connection: refused, unknown host, no route, TLS failure or connection timeout."""


class TimedOut(VpoError):
    """Connected, but no complete response within the read timeout."""


class Unauthorized(VpoError):
    """401 or 403: the token is missing or wrong. Retrying does not help."""


class NotFound(VpoError):
    """404: the resource or route does not exist on this server."""


class BadRequest(VpoError):
    """400: the server rejects the parameters. Retrying does not help."""


ANSWERS = (NotFound, BadRequest)
"""Errors that are an answer: the route works, but what was requested is not there."""


class ServerBusy(VpoError):
    """500: while a running job locks its database, VPO sends this as plain text after 10 s."""


class BadResponse(VpoError):
    """A response that is not VPO's: not JSON, wrong shape, too large, truncated or a redirect."""


class _Deferred(VpoError):
    """The server asks the client to retry later.

    `retry_after` is the delay in seconds, 0 or more; None if the header is missing or unreadable.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(_Deferred):
    """429: over the server's limit of requests per minute, which all viewers share."""


class Unavailable(_Deferred):
    """502, 503 or 504: shutting down, or a proxy whose server is down."""


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds in a `Retry-After` header (RFC 9110, 10.2.3): a number or an HTTP date.

    Returns None if the header is missing, negative or unreadable, and 0 for a date in the past.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
