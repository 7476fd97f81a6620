"""One request to the faulty server, and what can be done to whoever sent it."""

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler

from tests.faults.recorded_api import Answer


class Exchange:
    """A request that waits for its answer; `good` is what VPO would say.

    All methods raise OSError once the client has gone.
    """

    def __init__(
        self, handler: BaseHTTPRequestHandler, route: str, good: Answer, released: threading.Event
    ) -> None:
        self.route = route
        self.good = good
        self._handler = handler
        self._released = released

    @property
    def is_first(self) -> bool:
        """Whether no request came over this connection before."""
        return not getattr(self._handler, "has_answered", False)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._handler.wfile.write(data)

    def head(self, headers: dict[str, str], status: int = 200) -> bytes:
        """The head of an answer as bytes."""
        lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {it}" for name, it in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode()

    def answer(self, answer: Answer) -> None:
        """Send a complete answer, and keep the connection."""
        self.send_body(answer.encoded(), answer.headers, answer.status)

    def send_body(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        """Send a complete answer with this body."""
        self.send(self.head({**headers, "Content-Length": str(len(body))}, status) + body)

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait; whether the fault was cleared meanwhile, so that there is no more to be done."""
        return self._released.wait(seconds)

    def close(self) -> None:
        """Close the connection after this answer, without a word about it before."""
        self._handler.close_connection = True

    def reset(self) -> None:
        """Break the connection off, as a process that is killed does."""
        lingering = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, lingering)
        self.close()
