"""What the server lacks as `streamlit run` starts it: a timeout at its end, and TCP_NODELAY."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from vpo_monitor.streamlit_patches import shutdown_timeout, small_responses


@pytest.fixture(autouse=True)
def restored_handler() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer any request."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def server_with(timeout: int | None) -> uvicorn.Server:
    """A server that handles signals as if it ran."""
    config = uvicorn.Config(app, timeout_graceful_shutdown=timeout, log_config=None)
    server = uvicorn.Server(config)
    signal.signal(signal.SIGTERM, server.handle_exit)
    return server


@pytest.mark.parametrize(("given", "used"), [(None, 1), (30, 30)])
def test_only_a_server_without_a_timeout_gets_one(given: int | None, used: int) -> None:
    server = server_with(given)
    shutdown_timeout.apply()
    assert server.config.timeout_graceful_shutdown == used


def delays_small_packets(server: uvicorn.Server) -> bool:
    """Whether a connection does, accepted by a socket as Streamlit makes it."""

    async def is_delayed() -> bool:
        state = ServerState()
        listening = socket.socket(family=socket.AF_INET)
        listening.bind(("127.0.0.1", 0))
        accepting = await asyncio.get_running_loop().create_server(
            lambda: server.config.http_protocol_class(  # type: ignore[call-arg]
                config=server.config, server_state=state, app_state={}
            ),
            sock=listening,
        )
        async with accepting, asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await reader.read(1)  # by now the server has accepted it
            (connection,) = state.connections
            transport = connection.transport
            accepted = transport.get_extra_info("socket")
            is_prompt = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            transport.close()
            return not is_prompt

    return asyncio.run(is_delayed())


def test_small_packets_are_sent_at_once() -> None:
    server = server_with(None)
    server.config.load()
    assert delays_small_packets(server)
    small_responses.apply()
    assert not delays_small_packets(server)


@pytest.mark.parametrize(
    ("apply", "what_is_told"),
    [
        (shutdown_timeout.apply, "The app may not stop"),
        (small_responses.apply, "Pages may load slowly"),
    ],
)
@pytest.mark.parametrize("handler", [signal.SIG_DFL, lambda _signal, _frame: None])
def test_another_server_is_left_alone_with_one_line(
    handler: signal.Handlers,
    apply: Callable[[], None],
    what_is_told: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    signal.signal(signal.SIGTERM, handler)
    apply()
    assert signal.getsignal(signal.SIGTERM) is handler
    (line,) = caplog.messages
    assert what_is_told in line
