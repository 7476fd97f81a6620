"""Who sent a request: the session behind its cookie."""

from collections.abc import Iterator

from starlette.responses import Response
from starlette.types import Scope

from vpo_monitor.web.paths import Paths
from vpo_monitor.web.sessions import Session, Sessions

_MAX_COOKIES = 8
"""Cookies of our name that are looked at: a browser may hold one for each path of the server."""


class Logins:
    """Starts, finds and ends the session of a browser; the cookie holds its token.

    No script can read the cookie, and no other site has it sent along, except by a link. Over HTTPS
    it is never sent without. If `is_required` is false, nobody needs one.
    """

    def __init__(self, sessions: Sessions, paths: Paths, *, is_required: bool) -> None:
        self.sessions = sessions
        self.is_required = is_required
        self._paths = paths

    def find(self, scope: Scope) -> Session | None:
        """The session of whoever sent this; None if they have to log in."""
        found = map(self.sessions.find, _values(scope, _name(scope)))
        return next((session for session in found if session is not None), None)

    def start(self, scope: Scope, response: Response, email: str | None = None) -> None:
        """Log in, with this response; a session that the browser already has ends."""
        self._end(scope)
        response.set_cookie(
            _name(scope),
            self.sessions.start(email),
            max_age=int(self.sessions.lifetime),
            path=self._paths.cookie_path,
            secure=_is_secure(scope),
            httponly=True,
            samesite="lax",
        )

    def end(self, scope: Scope, response: Response) -> None:
        """Log out, with this response."""
        self._end(scope)
        response.delete_cookie(
            _name(scope),
            path=self._paths.cookie_path,
            secure=_is_secure(scope),
            httponly=True,
            samesite="lax",
        )

    def _end(self, scope: Scope) -> None:
        session = self.find(scope)
        if session is not None:
            self.sessions.end(session.key)


def _name(scope: Scope) -> str:
    """A name of this app's own: browsers send cookies to every port of a host."""
    server = scope.get("server")
    port = server[1] if server else None
    return "vpo-monitor" if port is None else f"vpo-monitor-{port}"


def _is_secure(scope: Scope) -> bool:
    return scope.get("scheme") in ("https", "wss")


def _values(scope: Scope, name: str) -> Iterator[str]:
    """All values of a cookie: one left at another path must not hide the one that counts."""
    sent = b";".join(value for header, value in scope["headers"] if header == b"cookie")
    start = f"{name}="
    values = (part.strip() for part in sent.decode("latin-1").split(";"))
    own = (part.removeprefix(start) for part in values if part.startswith(start))
    for value, _number in zip(own, range(_MAX_COOKIES), strict=False):
        yield value
