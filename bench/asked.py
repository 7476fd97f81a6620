"""What a server was asked, as it recorded that."""

from collections.abc import Iterable
from http import HTTPStatus

from vpo_monitor.demo.recorder import RecordedRequest

MINUTE = 60.0


def in_busiest_minute(requests: Iterable[RecordedRequest]) -> int:
    """The most requests in any 60 s."""
    moments = [request.at for request in requests]
    return max(sum(at <= other < at + MINUTE for other in moments) for at in set(moments))


def refused(requests: Iterable[RecordedRequest]) -> int:
    """How many were answered 429."""
    return sum(request.status == HTTPStatus.TOO_MANY_REQUESTS for request in requests)
