"""What can go wrong between this app and a VPO server, as one small tree.

`str(error)` is a sentence for people: what happened and what to do. It never holds a token, a URL
with credentials or text that the server sent, and no error below it (`__cause__`) holds a request.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class VpoError(Exception):
    """The root: catching it catches everything that the client raises."""


class Unreachable(VpoError):
    """No connection: refused, no such host, no route, TLS failure or no answer to connecting."""


class TimedOut(VpoError):
    """Connected, but no complete answer within the read timeout."""


class Unauthorized(VpoError):
    """401 or 403: the token is missing or wrong. Asking again changes nothing."""


class NotFound(VpoError):
    """404: the thing asked for, or the route, does not exist on this server."""


class BadRequest(VpoError):
    """400: the server refuses the parameters. Asking again changes nothing."""


class ServerBusy(VpoError):
    """500: VPO answers so, as plain text after 10 s, while a running job holds its database."""


class BadResponse(VpoError):
    """An answer that is not VPO's: not JSON, another shape, too large, cut short, a redirect."""


class _Deferred(VpoError):
    """The server asks to come back later.

    `retry_after` is its delay in seconds, 0 or more, or None where it gave none that can be read.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(_Deferred):
    """429: over the server's requests a minute, which all viewers share."""


class Unavailable(_Deferred):
    """503, 502 or 504: shutting down, or a proxy without a server behind it."""


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait as a `Retry-After` header says (RFC 9110, 10.2.3): a number or an HTTP date.

    None where the header is missing, negative or unreadable. A date in the past is 0.
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
