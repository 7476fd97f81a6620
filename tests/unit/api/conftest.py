import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from tests.secret_leaks import TOKEN
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.server import Server


@dataclass
class Answer:
    """What the server says next, and what it was asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    claimed_length: int | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def answer() -> Answer:
    return Answer()


@pytest.fixture
def url(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer.asked.append((self.path, dict(self.headers.items())))
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.claimed_length is None else answer.claimed_length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            try:
                self.wfile.write(answer.body)
            except OSError:
                return

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(url: str) -> VpoClient:
    return VpoClient(Server("test", url, SecretStr(TOKEN)))


@pytest.fixture
def failure(client: VpoClient) -> Callable[[], BaseException]:
    """Asks for the jobs and returns the error that comes of it."""

    def ask() -> BaseException:
        try:
            client.jobs()
        except Exception as error:  # noqa: BLE001 - the test looks at whatever it is
            return error
        raise AssertionError("no error came")

    return ask
