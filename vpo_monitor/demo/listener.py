import asyncio
import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Coroutine, Iterator

import uvicorn
from starlette.types import ASGIApp

_LOGGERS = ("uvicorn.error", "uvicorn.access", "uvicorn.asgi", "asyncio")
_PATIENCE_SECONDS = 10.0
_TURNS_TO_SET_UP = 5
"""Of the event loop, from accepting a connection to its protocol's knowing it."""


class Listener:
    """Serves an app over HTTP in a daemon thread; the port can refuse and accept in between.

    Construction binds and raises OSError if the port is taken; after `start()` it accepts.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._host = self.address = host
        self._bound: socket.socket | None = _bind(host, port)
        self.port: int = self._bound.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                date_header=False,  # uvicorn's clock for it would tick ten times a second
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._run, name="vpo-demo-http", daemon=True)

    def start(self) -> None:
        """Return once requests are accepted."""
        self._thread.start()
        self._server.ready.wait(_PATIENCE_SECONDS)
        if not self._server.started:
            raise RuntimeError("The demo server did not start")

    def refuse(self) -> None:
        """Close the listening socket and the open connections; keep the port for ourselves."""
        self._in_loop(self._refuse())

    def accept(self) -> None:
        """Listen again on the same port."""
        self._in_loop(self._accept())

    def close(self) -> None:
        """Stop; requests in progress get a second to end."""
        if self._server.started:
            self._server.loop.call_soon_threadsafe(self._server.leaving.set)
            self._thread.join(_PATIENCE_SECONDS)
        if self._bound is not None:
            self._bound.close()
            self._bound = None

    def _run(self) -> None:
        with _muted_thread():
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        bound, self._bound = self._bound, None
        try:
            await self._server.serve(sockets=[bound] if bound else [])
        finally:
            self._server.ready.set()
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)  # an aborted transport closes its socket in the next turn

    def _in_loop(self, change: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(change, self._server.loop).result(_PATIENCE_SECONDS)

    async def _refuse(self) -> None:
        await self._server.stop_accepting()
        for server in self._server.servers:
            server.close()
        self._server.servers = []
        for connection in list(self._server.server_state.connections):
            connection.shutdown()
        # Bound but not listening: clients are refused, and nobody else is given the port.
        self._bound = _bind(self._host, self.port)

    async def _accept(self) -> None:
        bound, self._bound = self._bound, None
        await self._server.startup(sockets=[bound] if bound else [])


class _Server(uvicorn.Server):
    """Waits for an event where uvicorn wakes up ten times a second to look whether to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.leaving = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop

    async def main_loop(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.ready.set()
        await self.leaving.wait()
        await self.stop_accepting()

    async def stop_accepting(self) -> None:
        """Take no more connections, and let those that were taken just now be set up.

        One that is set up after its server has closed is left behind, its socket open.
        """
        for server in self.servers:
            for listening in server.sockets:
                self.loop.remove_reader(listening)
        for _turn in range(_TURNS_TO_SET_UP):
            await asyncio.sleep(0)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Only a socket that names its protocol gets TCP_NODELAY of asyncio; else each answer on a kept
    # connection waits 40 ms for the client's delayed acknowledgment.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # On Windows this option would let two programs share the port.
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


class _OnlyBugs(logging.Filter):
    """Drops what one thread logs, except exceptions that a bug in this package would raise."""

    def __init__(self, thread: int) -> None:
        super().__init__()
        self._thread = thread

    def filter(self, record: logging.LogRecord) -> bool:
        if threading.get_ident() != self._thread:
            return True
        raised = record.exc_info[1] if record.exc_info else None
        return isinstance(raised, Exception) and not isinstance(raised, OSError)


@contextlib.contextmanager
def _muted_thread() -> Iterator[None]:
    # The loggers are shared with the process around us, which may run a uvicorn of its own, so
    # neither their levels nor their handlers are touched.
    only_bugs = _OnlyBugs(threading.get_ident())
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(only_bugs)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(only_bugs)
