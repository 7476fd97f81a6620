"""Serves the demo over HTTP from threads of this process."""

import contextlib
import socket
import sys
import threading
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any, Self

from .api import Api, Response
from .clock import utc_now
from .simulation import WORKERS, Simulation
from .store import Store

_STEP_SECONDS = 0.5
_STOP_CHECK_SECONDS = 0.02


class DemoServer:
    """A server on a port (0: a free one). Raises OSError if the port is taken.

    It accepts connections after `listen`, until `stop`.
    """

    def __init__(self, store: Store, *, host: str, port: int, workers: int) -> None:
        self.store = store
        self._host = host
        self._http = HttpServer(self, host, port)
        self.port: int = self._http.server_port
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self.api = Api(store, workers=workers, url=self.url)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def listen(self) -> None:
        """Accept connections from now on."""
        http = self._http
        http.server_activate()
        http.is_listening = True
        self._run(lambda: http.serve_forever(_STOP_CHECK_SECONDS))

    def run(self, simulation: Simulation) -> None:
        """Keep the queue moving until the server stops."""

        def work() -> None:
            while not self._stopping.wait(_STEP_SECONDS):
                simulation.step(utc_now())

        self._run(work)

    def respond(self, request: "RequestHandler") -> None:
        """Answer a request."""
        _, answer = self.api.route(request.path)
        request.send(answer())

    def stop(self) -> None:
        """Close all connections and end the threads; further calls do nothing."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._http.close()
            for thread in self._threads:
                thread.join()

    def _run(self, work: Any) -> None:
        thread = threading.Thread(target=work, name="vpo-demo", daemon=True)
        thread.start()
        self._threads.append(thread)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def start(
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    history: int = 300,
    pace: float = 1.0,
    seed: int | None = None,
) -> DemoServer:
    """Start a demo server with `history` finished jobs; it accepts connections on return.

    `pace` 2 makes jobs run twice as fast. The same `seed` gives the same jobs. Raises OSError if
    the port is taken.
    """
    random = Random(seed)
    store = Store(random)
    server = DemoServer(store, host=host, port=port, workers=WORKERS)
    simulation = Simulation(store, random, pace)
    now = utc_now()
    simulation.add_history(history, now)
    simulation.start_workers(now)
    simulation.step(now)
    server.listen()
    server.run(simulation)
    return server


class HttpServer(ThreadingHTTPServer):
    """Listens on a port from `server_activate` on, with a thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, demo: DemoServer, host: str, port: int) -> None:
        self.demo = demo
        self.is_listening = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), RequestHandler, bind_and_activate=False)
        try:
            self.server_bind()
        except OSError:
            self.server_close()
            raise

    def server_bind(self) -> None:
        """Bind without looking up the name of this machine, which can take seconds."""
        # On Windows, this option would let two programs share the port.
        if sys.platform != "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_port = self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection; remember it so that it can be closed."""
        with self._lock:
            self._connections.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report bugs, but not clients that close a connection."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening, and end the connections."""
        if self.is_listening:
            self.shutdown()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class RequestHandler(BaseHTTPRequestHandler):
    """Handles the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise the body waits 40 ms for an acknowledgment
    wbufsize = -1  # headers and body in one packet
    server: HttpServer

    def do_GET(self) -> None:
        self.server.demo.respond(self)

    def send(self, response: Response) -> None:
        """Send a response."""
        self.send_head(response, {"Content-Length": str(len(response.body))})
        self.wfile.write(response.body)

    def send_head(self, response: Response, more: dict[str, str]) -> None:
        """Send status line and headers."""
        self.send_response_only(response.status)
        headers = {"Content-Type": response.content_type, **response.headers, **more}
        self.send_header("Date", format_datetime(utc_now(), usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the overridden name
        """Log nothing."""
