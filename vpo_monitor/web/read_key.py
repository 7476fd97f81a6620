"""The key by which programs read what isn't a page, such as the metrics."""

from starlette.requests import Request
from starlette.responses import Response

from vpo_monitor.web.login_throttle import LoginThrottle, is_same_secret
from vpo_monitor.web.responses import refusal

_BEARER = "bearer "


class ReadKey:
    """Checks the key of a request: a bearer token, or `?key=`.

    Without a key nobody gets in if the pages require a login, and everybody if they don't.
    """

    def __init__(
        self, key: str | None, throttle: LoginThrottle, *, is_login_required: bool
    ) -> None:
        self._key = key
        self._throttle = throttle
        self._is_login_required = is_login_required

    def refuse(self, request: Request) -> Response | None:
        """The answer to a request without the right key; None for one that may be served."""
        expected = self._key
        if expected is None:
            if not self._is_login_required:
                return None
            return _unauthorized("Set VPO_MONITOR_READ_KEY to read this without a login.")
        given = _given(request)
        if not given:
            return _unauthorized("Send the read key as a bearer token.")
        address = request.client.host if request.client else None
        attempt = self._throttle.check(address, lambda: is_same_secret(given, expected))
        if attempt.is_right:
            return None
        if attempt.is_checked:
            return _unauthorized("The read key is wrong.")
        wait = str(max(1, round(attempt.wait)))
        return refusal("Too many attempts.", 429, {"Retry-After": wait})


def _given(request: Request) -> str:
    header = request.headers.get("authorization", "")
    if header[: len(_BEARER)].lower() == _BEARER:
        return _as_sent(header[len(_BEARER) :].strip())
    return request.query_params.get("key", "")


def _as_sent(header: str) -> str:
    """Return the text of a header, which was decoded as Latin-1 and may be UTF-8."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header


def _unauthorized(text: str) -> Response:
    return refusal(text, 401, {"WWW-Authenticate": 'Bearer realm="VPO Monitor"'})
