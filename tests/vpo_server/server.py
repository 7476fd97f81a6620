import atexit
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from vpo_monitor.demo.api import Response, error, json_response, not_found
from vpo_monitor.demo.clock import utc_now
from vpo_monitor.demo.server import DemoServer, HttpServer, RequestHandler
from vpo_monitor.demo.simulation import WORKERS, Simulation

from .faults import Fault, Faults
from .limits import RateWindow, token_matches
from .malformed import send_malformed
from .request_log import LoggedRequest, RequestLog
from .store import VpoStore

DEFAULT_POLLING = {"interval_ms": 5000, "enabled": True, "log_interval_ms": 15000}
RATE_LIMIT = 120
"""GETs in 60 s from one address, as VPO 0.2.0 allows."""
_WINDOW_SECONDS = 60.0
_OPEN_ROUTES = ("health", "about")  # outside login and rate limit


class VpoServer(DemoServer):
    """A demo with faults, login and rate limit, which act in the order of a real VPO.

    Any thread may use `store` and `faults` while it runs.
    """

    store: VpoStore

    def __init__(
        self,
        store: VpoStore,
        *,
        host: str,
        port: int,
        workers: int,
        token: str | None,
        rate_limit: int | None,
        polling: Mapping[str, object] | None,
        folder: Path,
    ) -> None:
        super().__init__(store, host=host, port=port, workers=workers)
        self.faults = Faults(refuse=self._refuse, accept=self.listen)
        self._token = token
        self._window = rate_limit and RateWindow(rate_limit, _WINDOW_SECONDS, time.monotonic)
        self._request_log = RequestLog()
        self._folder = folder
        self._changing = threading.Lock()
        atexit.register(self.stop)

        def offer(*_: object) -> Response:
            return not_found() if polling is None else json_response(polling)

        self.api.routes["/api(?:/v1)?/config/polling"] = ("config", offer)

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The last 20,000 requests in the order of their arrival."""
        return self._request_log.snapshot()

    def stop(self) -> None:
        with self._changing:
            self.faults.close()
            super().stop()
            shutil.rmtree(self._folder, ignore_errors=True)
            atexit.unregister(self.stop)

    def respond(self, request: RequestHandler) -> None:
        number = self._request_log.add(request.path)
        route, answer = self.api.route(request.path)
        if slow := self.faults.on(Fault.SLOW, route):
            slow.cleared.wait(slow.seconds)
        response = self._refusal(route, request)
        if response is None:
            held = self.faults.on(Fault.DATABASE_LOCKED, route)
            if held and not held.cleared.wait(held.seconds):
                response = _internal_error()
        if response is not None:
            self._request_log.answered(number, response.status)
            request.send(response)
            return
        response = answer()
        if route == "health" and self.faults.on(Fault.SHUTTING_DOWN, route):
            body = json.loads(response.body)
            response = json_response(body | {"status": "unhealthy", "shutting_down": True}, 503)
        malformed = self.faults.on(Fault.MALFORMED, route)
        self._request_log.answered(number, 200 if malformed else response.status)
        if malformed:
            send_malformed(request, response, malformed.kind)
        else:
            request.send(response)

    def _refusal(self, route: str, request: RequestHandler) -> Response | None:
        faults = self.faults
        if route != "health" and faults.on(Fault.SHUTTING_DOWN, route):
            return error(503, "SHUTTING_DOWN", "Service is shutting down")
        if faults.on(Fault.UNAUTHORIZED, route):
            return _unauthorized()
        if limited := faults.on(Fault.RATE_LIMITED, route):
            return _rate_limited(limited.retry_after)
        if route in _OPEN_ROUTES:
            return None
        if self._token and not token_matches(request.headers.get("authorization"), self._token):
            return _unauthorized()
        if self._window and (wait := self._window.wait_for(request.client_address[0])):
            return _rate_limited(str(wait))
        return None

    def _refuse(self) -> None:
        """Close the listening socket and the connections; keep the port bound."""
        self._http.close()
        self._http = HttpServer(self, urlsplit(self.url).hostname or "", self.port)


def start(  # noqa: PLR0913 - each is a switch of its own, by name only
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    token: str | None = None,
    history: int = 300,
    worker: bool = True,
    pace: float = 1.0,
    rate_limit: int | None = RATE_LIMIT,
    polling: Mapping[str, object] | None = DEFAULT_POLLING,
    seed: int | None = None,
    workers: int | None = None,
) -> VpoServer:
    """Start a server on a port (0: a free one) and return once it accepts connections.

    `history` is the number of past jobs, `pace` divides the worker's durations, `polling` is what
    `/api/config/polling` answers (None: 404, as a real 0.2.0), `workers` what the health counts
    where the caller moves the jobs. Raises OSError if the port is taken.
    """
    random = Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="vpo-server-"))
    store = VpoStore(random, folder)
    if workers is None:
        workers = WORKERS if worker else 0
    try:
        server = VpoServer(
            store,
            host=host,
            port=port,
            workers=workers,
            token=token,
            rate_limit=rate_limit,
            polling=polling,
            folder=folder,
        )
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    simulation = Simulation(store, random, pace)
    simulation.add_history(history, utc_now())
    if worker:
        simulation.start_workers(utc_now())
        server.run(simulation)
    server.listen()
    return server


def _unauthorized() -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="VPO"'}
    return Response(401, b"Unauthorized", "text/plain; charset=utf-8", headers)


def _rate_limited(retry_after: str | None) -> Response:
    """Return 429; None leaves the `Retry-After` header out."""
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    message = "Rate limit exceeded. Please wait before retrying."
    return error(429, "RATE_LIMITED", message, **headers)


def _internal_error() -> Response:
    """Return the plain-text 500 that a query ends in while the database is held."""
    text = b"500 Internal Server Error\n\nServer got itself in trouble"
    return Response(500, text, "text/plain; charset=utf-8")
