"""What a server was asked, as it recorded that."""

from collections.abc import Iterable
from http import HTTPStatus

from tests.vpo_server import LoggedRequest

MINUTE = 60.0


def requests_in_busiest_minute(requests: Iterable[LoggedRequest]) -> int:
    """The most requests in any 60 s."""
    moments = [request.at for request in requests]
    return max(sum(at <= other < at + MINUTE for other in moments) for at in set(moments))


def count_of_429(requests: Iterable[LoggedRequest]) -> int:
    """How many were answered 429."""
    return sum(request.status == HTTPStatus.TOO_MANY_REQUESTS for request in requests)
