"""A WebSocket lives no longer than the session that opened it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from tests.unit.web.asgi import Browser, Socket
from tests.unit.web.stand_in import StandIn, browser_of, layer_with, log_in, open_layer
from vpo_monitor.web.layer import WebLayer


async def opened(browser: Browser) -> Socket:
    socket = Socket(browser)
    assert (await socket.receive())["type"] == "websocket.accept"
    assert await socket.exchange("hello") == "hello"
    return socket


async def refused(browser: Browser, **headers: str) -> None:
    socket = Socket(browser, **headers)
    assert (await socket.receive())["type"] == "websocket.close"
    await socket.task


def key_of(layer: WebLayer, browser: Browser) -> bytes:
    session = layer.logins.sessions.find(next(iter(browser.cookies.values())))
    assert session is not None
    return session.key


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await test()

    asyncio.run(main())


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def layer() -> WebLayer:
    return layer_with()


@pytest.fixture
def browser(layer: WebLayer, stand_in: StandIn) -> Browser:
    return browser_of(layer, stand_in)


def test_nobody_connects_without_a_session(browser: Browser, stand_in: StandIn) -> None:
    other = browser_of(layer_with())
    log_in(other)
    (name,) = other.cookies

    async def test() -> None:
        await refused(browser)
        await refused(browser, cookie=f"{name}=forged")
        await refused(browser, cookie=f"{name}={other.cookies[name]}")  # another app's
        await refused(browser, cookie=f"{name}=" + "x" * 100_000)
        for path in ("/login", "/session", "/healthz", "/static/js/x.js", "/anything"):
            socket = Socket(browser, path)
            assert (await socket.receive())["type"] == "websocket.close"

    run(test)
    assert not stand_in.ended


def test_an_expired_session_connects_no_more(layer: WebLayer, browser: Browser) -> None:
    log_in(browser)
    run(lambda: _refused_after(layer, browser, 31 * 86_400.0))


async def _refused_after(layer: WebLayer, browser: Browser, seconds: float) -> None:
    sessions = layer.logins.sessions
    now = sessions._now
    sessions._now = lambda: now() + seconds
    await refused(browser)


def test_logging_out_closes_all_its_connections_at_once_and_no_other(
    layer: WebLayer, browser: Browser, stand_in: StandIn
) -> None:
    log_in(browser)
    other = Browser(browser.app)
    log_in(other)

    async def test() -> None:
        tabs = [await opened(browser) for _ in range(3)]
        stays = await opened(other)
        assert len(layer.connections) == 4
        layer.logins.sessions.end(key_of(layer, browser))
        for tab in tabs:
            close = await tab.receive()
            assert (close["type"], close["code"]) == ("websocket.close", 1008)
            await tab.task
        assert await stays.exchange("still here") == "still here"
        assert len(layer.connections) == 1
        assert stand_in.ended == ["cleaned up"] * 3
        await stays.leave()
        assert len(layer.connections) == 0
        assert not layer.connections._open

    run(test)


def test_a_session_may_be_ended_from_any_thread(layer: WebLayer, browser: Browser) -> None:
    log_in(browser)

    async def test() -> None:
        tab = await opened(browser)
        thread = threading.Thread(target=layer.logins.sessions.end, args=[key_of(layer, browser)])
        thread.start()
        assert (await tab.receive())["type"] == "websocket.close"
        thread.join()

    run(test)


def test_expiry_closes_a_connection_that_nobody_uses(browser: Browser, layer: WebLayer) -> None:
    layer.logins.sessions._idle = 0.2
    log_in(browser)

    async def test() -> None:
        tab = await opened(browser)
        assert (await tab.receive())["type"] == "websocket.close"

    run(test)


def test_messages_from_the_browser_count_as_use(browser: Browser, layer: WebLayer) -> None:
    layer.logins.sessions._idle = 5.0
    log_in(browser)

    async def test() -> None:
        tab = await opened(browser)
        key = key_of(layer, browser)
        before = layer.logins.sessions.seconds_left(key)
        await asyncio.sleep(0.05)
        await tab.exchange("tick")
        assert layer.logins.sessions.seconds_left(key) > before - 0.04
        await tab.leave()

    run(test)


def test_without_a_login_connections_are_counted_all_the_same() -> None:
    layer = open_layer()
    stand_in = StandIn()
    browser = browser_of(layer, stand_in)

    async def test() -> None:
        tabs = [await opened(browser), await opened(browser)]
        assert len(layer.connections) == 2
        for tab in tabs:
            await tab.leave()
        assert len(layer.connections) == 0

    run(test)
    assert stand_in.ended == ["left", "cleaned up"] * 2


def test_a_server_that_stops_cancels_a_connection_as_without_us(
    browser: Browser, layer: WebLayer, stand_in: StandIn
) -> None:
    log_in(browser)

    async def test() -> None:
        tab = await opened(browser)
        tab.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await tab.task
        assert stand_in.ended == ["cleaned up"]
        assert len(layer.connections) == 0

    run(test)


def test_an_error_of_the_app_is_not_hidden(layer: WebLayer) -> None:
    async def failing(*_args: object) -> None:
        raise ValueError("x")

    async def test() -> None:
        with pytest.raises(ValueError, match="x"):
            await layer.connections.serve(failing, {}, failing, failing, None)  # type: ignore[arg-type]
        assert len(layer.connections) == 0

    run(test)
