"""Starts and stops a demo server: store, worker, routes and listener together."""

import atexit
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from starlette.applications import Starlette

from .clock import utc_now
from .faults import Faults
from .listener import Listener
from .request_guard import RequestGuard
from .request_log import LoggedRequest, RequestLog
from .routes import Api
from .seed import seed as write_history
from .store import Store
from .worker import AT_ONCE, Worker

DEFAULT_POLLING = {"interval_ms": 5000, "enabled": True, "log_interval_ms": 15000}
RATE_LIMIT = 120
"""GETs in 60 s from one address, as VPO 0.2.0 allows."""
_STEP_SECONDS = 0.5


class DemoServer:
    """A running server. `store` and `faults` may be used by any thread while it runs."""

    def __init__(
        self,
        store: Store,
        faults: Faults,
        listener: Listener,
        request_log: RequestLog,
        folder: Path,
    ) -> None:
        self.store = store
        self.faults = faults
        self.port = listener.port
        self.url = f"http://{listener.address}:{listener.port}"
        self._listener = listener
        self._request_log = request_log
        self._folder = folder
        self._leaving = threading.Event()
        self._worker: threading.Thread | None = None
        self._stopping = threading.Lock()
        atexit.register(self.stop)

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """The last 20,000 requests in the order of their arrival."""
        return self._request_log.snapshot()

    def stop(self) -> None:
        """Stop accepting, end the worker and remove the files; a second call changes nothing."""
        with self._stopping:
            if self._leaving.is_set():
                return
            self._leaving.set()
            if self._worker is not None:
                self._worker.join()
            self.faults.close()
            self._listener.close()
            self.store.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            atexit.unregister(self.stop)

    def run_worker(self, worker: Worker) -> None:
        """Let a worker move the queue until the server stops."""

        def work() -> None:
            while True:
                worker.step(utc_now())
                if self._leaving.wait(_STEP_SECONDS):
                    return

        self._worker = threading.Thread(target=work, name="vpo-demo-worker", daemon=True)
        self._worker.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


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
) -> DemoServer:
    """Start a server on a port (0: a free one) and return once it accepts connections.

    `history` is the number of past jobs, `pace` divides the worker's durations, `polling` is what
    `/api/config/polling` answers (None: 404, as a real 0.2.0), `workers` what the health counts
    where the caller moves the jobs. Raises OSError if the port is taken.
    """
    random = Random(seed)
    folder = Path(tempfile.mkdtemp(prefix="vpo-demo-"))
    store = Store(folder / "vpo.sqlite")
    write_history(store, history, utc_now(), random)

    # The faults close and open the socket of a listener that is made after them.
    def refuse() -> None:
        listener.refuse()

    def accept() -> None:
        listener.accept()

    faults = Faults(refuse=refuse, accept=accept)
    if workers is None:
        workers = AT_ONCE if worker else 0
    api = Api(store, faults, workers=workers, polling=polling)
    application = Starlette(
        routes=api.router(RequestGuard(faults, token=token, rate_limit=rate_limit)).routes
    )
    request_log = RequestLog(application)
    try:
        listener = Listener(request_log, host, port)
    except OSError:
        store.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    listener.start()
    server = DemoServer(store, faults, listener, request_log, folder)
    api.address = server.url
    if worker:
        server.run_worker(Worker(store, random, pace))
    return server
