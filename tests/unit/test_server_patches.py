"""A browser that doesn't take its response doesn't keep the app running."""

import signal
from collections.abc import Iterator

import pytest
import uvicorn

from vpo_monitor.streamlit_patches import shutdown_timeout


@pytest.fixture(autouse=True)
def restored_handler() -> Iterator[None]:
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


def server_with(timeout: int | None) -> uvicorn.Server:
    """A server that handles signals as if it ran."""
    config = uvicorn.Config("app:app", timeout_graceful_shutdown=timeout, log_config=None)
    server = uvicorn.Server(config)
    signal.signal(signal.SIGTERM, server.handle_exit)
    return server


@pytest.mark.parametrize(("given", "used"), [(None, 1), (30, 30)])
def test_only_a_server_without_a_timeout_gets_one(given: int | None, used: int) -> None:
    server = server_with(given)
    shutdown_timeout.apply()
    assert server.config.timeout_graceful_shutdown == used


@pytest.mark.parametrize("handler", [signal.SIG_DFL, lambda _signal, _frame: None])
def test_another_server_is_left_alone_with_one_line(
    handler: signal.Handlers, caplog: pytest.LogCaptureFixture
) -> None:
    signal.signal(signal.SIGTERM, handler)
    shutdown_timeout.apply()
    assert signal.getsignal(signal.SIGTERM) is handler
    (line,) = caplog.messages
    assert "The app may not stop" in line
