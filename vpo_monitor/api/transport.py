"""The connections to a server: what they never do, and how long an answer may take in all."""

import io
import socket
import time
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_PARALLEL_CONNECTIONS = 16
_LEAST_TIMEOUT = 0.001
"""Seconds; with 0 a socket would not wait at all."""


class Session(requests.Session):
    """Sends each request to the address it is for and nowhere else.

    Proxies, netrc files and cookies are not used, redirects are not followed. The read timeout of a
    request is the time for its whole answer, from the first byte of its head to the last of its
    body. May be used by several threads at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_maxsize=_PARALLEL_CONNECTIONS))

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """None: the library would read the whole body of a redirect, however large it is."""
        return None


class _KeptConnectionEndedError(ConnectionError):
    """The server closed a connection that it had kept, while this request was on its way."""


class _Reader(io.RawIOBase):
    """Reads from a socket up to a moment of `time.monotonic`."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket, deadline: float) -> None:
        super().__init__()
        self._source = source
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Whether it can be read from: always."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come; TimeoutError at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        # The socket's own timeout is for one read: each byte that drips in would begin it anew.
        self._connection.settimeout(max(left, _LEAST_TIMEOUT))
        read: int | None = self._source.readinto(buffer)
        return read

    def close(self) -> None:
        """Close the socket's file too."""
        self._source.close()
        super().close()


class _Response(HTTPResponse):
    """An answer that must be complete within the timeout that its socket has at the beginning."""

    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        timeout = sock.gettimeout()
        if timeout is not None:
            source = self.fp.detach()
            self.fp = io.BufferedReader(_Reader(source, sock, time.monotonic() + timeout))

    def begin(self) -> None:
        """Read the head; ValueError where it tells several lengths."""
        super().begin()
        if "," in (self.getheader("Content-Length") or ""):
            # The library refuses it only when nobody closes the socket any more.
            raise ValueError("several lengths")


class _Connection(HTTPConnection):
    response_class = _Response
    _is_kept = False

    def connect(self) -> None:
        """Begin a connection that has brought no answer yet."""
        super().connect()
        self._is_kept = False

    def getresponse(self) -> Any:
        """The answer; _KeptConnectionEndedError where to ask once more (RFC 9112, 9.3.1)."""
        try:
            response = super().getresponse()
        except ConnectionError as error:
            if self._is_kept:
                raise _KeptConnectionEndedError from error
            raise
        self._is_kept = True
        return response


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Have the connections made as above."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, *args: Any, **named: Any) -> requests.Response:
        """Send a request, and again where it met the end of a kept connection.

        Each of those that are kept may have ended, as after a restart of the server.
        """
        for _ in range(_PARALLEL_CONNECTIONS):
            try:
                return super().send(*args, **named)
            except requests.ConnectionError as error:
                if not _is_end_of_a_kept_one(error):
                    raise
        return super().send(*args, **named)


def _is_end_of_a_kept_one(error: requests.ConnectionError) -> bool:
    cause = error.args[0].args if error.args and isinstance(error.args[0], Exception) else ()
    return any(isinstance(one, _KeptConnectionEndedError) for one in cause)
