"""The open WebSockets, which end with the session that opened them."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vpo_monitor.web.sessions import Session, Sessions

POLICY_VIOLATION = 1008
"""The close code for a connection that the server no longer allows (RFC 6455, 7.4.1)."""
_CHECKED_EVERY = 60.0
"""Seconds between two looks at whether a session has expired, or less if it soon will."""


class Connections:
    """All open WebSockets of the process, by session; without a login under None."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._open: dict[bytes | None, set[_Connection]] = {}
        sessions.on_end(self.close)

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._open.values()))

    async def serve(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, session: Session | None
    ) -> None:
        """Run `app` until the connection is closed, or until the session ends."""
        key = None if session is None else session.key
        connection = _Connection(app, scope, receive, send)
        with self._lock:
            self._open.setdefault(key, set()).add(connection)
        try:
            if key is None:
                await connection.run(lambda: None)
            else:
                timer = _ExpiryTimer(self._sessions, key, connection.end)
                try:
                    await connection.run(lambda: self._sessions.touch(key))
                finally:
                    timer.stop()
        finally:
            with self._lock:
                of_session = self._open[key]
                of_session.discard(connection)
                if not of_session:
                    del self._open[key]

    def close(self, key: bytes) -> None:
        """Close all connections of a session; from any thread."""
        with self._lock:
            connections = tuple(self._open.get(key, ()))
        for connection in connections:
            connection.end_soon()


class _ExpiryTimer:
    """Calls `end` once a session has expired."""

    def __init__(self, sessions: Sessions, key: bytes, end: Callable[[], None]) -> None:
        self._sessions = sessions
        self._key = key
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.Handle | None = None
        self._check()

    def _check(self) -> None:
        seconds = self._sessions.seconds_left(self._key)
        if seconds > 0:
            self._handle = self._loop.call_later(min(seconds, _CHECKED_EVERY), self._check)
        else:
            self._handle = self._loop.call_soon(self._end)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


class _Connection:
    """One WebSocket. Ending it cancels the app that serves it, and tells the browser."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._is_closed = False
        self._is_ended = False
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    async def run(self, on_message: Callable[[], None]) -> None:
        """Serve it; `on_message` is called for each message from the browser."""

        async def receive() -> Message:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._is_closed = True
            else:
                on_message()
            return message

        async def send(message: Message) -> None:
            if message["type"] != "websocket.send" and message["type"] != "websocket.accept":
                self._is_closed = True
            await self._send(message)

        self._task = asyncio.ensure_future(self._serve(receive, send))
        if self._is_ended:
            self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if not self._is_ended or (current is not None and current.cancelling()):
                raise
        if self._is_ended and not self._is_closed:
            close = {"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "Session ended"}
            with contextlib.suppress(OSError, RuntimeError):  # the browser has closed it meanwhile
                await self._send(close)

    async def _serve(self, receive: Receive, send: Send) -> None:
        await self._app(self._scope, receive, send)

    def end(self) -> None:
        """End it, in the loop that runs it."""
        self._is_ended = True
        if self._task is not None:
            self._task.cancel()

    def end_soon(self) -> None:
        """End it, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and everything with it
            self._loop.call_soon_threadsafe(self.end)
