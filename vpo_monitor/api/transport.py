"""HTTP connections to a server, with strict routing and a time limit for the whole response."""

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
"""Seconds; with a timeout of 0 a socket would not wait at all."""


class Session(requests.Session):
    """An HTTP session that sends each request only to its own address. Thread-safe.

    It uses no proxies, netrc files or cookies, and follows no redirects. The read timeout covers
    the whole response, from the first byte of its headers to the last of its body.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_maxsize=_PARALLEL_CONNECTIONS))

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Return None: requests would otherwise read a redirect's whole body, however large."""
        return None


class _KeptConnectionEndedError(ConnectionError):
    """The server closed a kept-alive connection while this request was being sent."""


class _Reader(io.RawIOBase):
    """A socket reader with a deadline of `time.monotonic`."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket, deadline: float) -> None:
        super().__init__()
        self._source = source
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Return True, as the socket can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read the available bytes. Raises TimeoutError at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        # The socket's own timeout restarts with each read, so a slow trickle of bytes would never
        # hit it.
        self._connection.settimeout(max(left, _LEAST_TIMEOUT))
        read: int | None = self._source.readinto(buffer)
        return read

    def close(self) -> None:
        """Also close the socket's file."""
        self._source.close()
        super().close()


class _Response(HTTPResponse):
    """A response that must be complete within the timeout its socket has at the start."""

    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        timeout = sock.gettimeout()
        if timeout is not None:
            source = self.fp.detach()
            self.fp = io.BufferedReader(_Reader(source, sock, time.monotonic() + timeout))

    def begin(self) -> None:
        """Read the headers. Raises ValueError if they contain several lengths."""
        super().begin()
        if "," in (self.getheader("Content-Length") or ""):
            # The library rejects this only later, when nothing closes the socket anymore.
            raise ValueError("several lengths")


class _Connection(HTTPConnection):
    response_class = _Response
    _is_kept = False

    def connect(self) -> None:
        """Open a new connection without a response yet."""
        super().connect()
        self._is_kept = False

    def getresponse(self) -> Any:
        """Return the response, or raise _KeptConnectionEndedError to retry (RFC 9112, 9.3.1)."""
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
        """Use the connection classes of this module."""
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, *args: Any, **named: Any) -> requests.Response:
        """Send a request, and retry if a kept-alive connection was closed.

        Every kept-alive connection may be closed, for example after the server restarts.
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
