"""A VPO server that is faulty on demand: it knows the good answer and sends what it was told to."""

import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.faults.cases import NO_TLS, Case
from tests.faults.exchange import Exchange
from tests.faults.recorded_api import RecordedApi
from tests.vpo_server import ROUTES

Change = Callable[[Any], Any]
_CERTIFICATES = Path(__file__).parents[1] / "data" / "tls"
AUTHORITY = _CERTIFICATES / "authority.pem"
"""Signed what a server with `tls` shows while it is well."""


@functools.cache
def _tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATES / f"{name}.pem")
    return context


class FaultyServer:
    """Answers every route from the recordings, and as badly as `fault` and `answer` say.

    `host` may be "::1". With `tls` it speaks https, with a certificate of `AUTHORITY`. `requests`
    holds the path and query of each request since the start. A context manager; a change counts
    from the next request on.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        tls: bool = False,
        polling_offer: dict[str, Any] | None = None,
    ) -> None:
        self.requests: list[str] = []
        self.api = RecordedApi(polling_offer=polling_offer)
        self._host = host
        self._port = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._changes: dict[str, Change] = {}
        self._faults: dict[str, Case] = {}
        self._released = threading.Event()
        self._listener: _Listener
        self._is_listening = False

    def __enter__(self) -> Self:
        self._reserve()
        self._listen()
        return self

    def __exit__(self, *_error: object) -> None:
        self._released.set()
        self._refuse()
        self._listener.server_close()

    @property
    def url(self) -> str:
        """The address; it stays the same while nobody is listening."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"

    def answer(self, route: str, change: Change) -> None:
        """Change the good JSON of a route before it is sent, until `clear`."""
        if route not in ROUTES:
            raise ValueError(f"{route} is no route; they are {sorted(ROUTES)}")
        self._changes[route] = change

    def fault(self, case: Case, routes: Collection[str] = ROUTES) -> None:
        """Answer these routes so, until `clear`.

        What is done to a connection rather than to a request is done to all routes.
        """
        self._faults.update(dict.fromkeys(routes, case))
        self._release()
        if case.is_refused:
            self._refuse()
        elif case.certificate is not None:
            self._hang_up()

    def clear(self) -> None:
        """Answer well again, and let go at once of the requests that are held."""
        self._faults.clear()
        self._changes.clear()
        self._release()
        if not self._is_listening:
            self._listen()
        elif self._tls:
            self._hang_up()

    def take(self, handler: "_Handler") -> None:
        """Answer one request."""
        self.requests.append(handler.path)
        route, good = self.api.answer(handler.path)
        if good.is_json and route in self._changes:
            good = replace(good, body=self._changes[route](good.body))
        exchange = Exchange(handler, route, good, self._released)
        case = self._faults.get(route)
        try:
            if case is None or case.serve is None:
                exchange.answer(good)
            else:
                case.serve(exchange)
        except OSError:  # the client has gone
            handler.close_connection = True

    def greet(self, connection: socket.socket) -> socket.socket:
        """Take a new connection, in its own thread; OSError where the client does not want it."""
        if self._tls:
            faults = list(self._faults.values())
            wrong = next((case.certificate for case in faults if case.certificate), None)
            if wrong != NO_TLS:
                connection = _tls(wrong or "good").wrap_socket(connection, server_side=True)
        with self._lock:
            self._connections.add(connection)
        return connection

    def part(self, connection: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._connections.discard(connection)

    def _release(self) -> None:
        self._released.set()
        self._released = threading.Event()

    def _reserve(self) -> None:
        """Keep the port, so that nobody else gets it, without taking a connection."""
        self._listener = _Listener(self, self._host, self._port)
        self._port = self._listener.server_port

    def _listen(self) -> None:
        self._listener.server_activate()
        threading.Thread(target=self._listener.serve_forever, args=(0.005,), daemon=True).start()
        self._is_listening = True

    def _refuse(self) -> None:
        if self._is_listening:
            self._is_listening = False
            self._listener.shutdown()
            self._listener.server_close()
            self._reserve()
        self._hang_up()

    def _hang_up(self) -> None:
        """End all connections that a client keeps."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Listener(ThreadingHTTPServer):
    request_queue_size = 64
    block_on_close = False

    def __init__(self, server: FaultyServer, host: str, port: int) -> None:
        self.faulty = server
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler, bind_and_activate=False)
        self.server_bind()

    def server_bind(self) -> None:
        """Bind without asking for the host's name, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection, in its own thread."""
        connection = request
        with contextlib.suppress(OSError):
            connection = self.faulty.greet(request)
            _Handler(connection, client_address, self)
        self.faulty.part(connection)
        with contextlib.suppress(OSError):
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the header's acknowledgment
    has_answered = False
    server: _Listener

    def do_GET(self) -> None:
        self.server.faulty.take(self)
        self.has_answered = True

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
