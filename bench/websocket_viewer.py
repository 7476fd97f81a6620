"""A viewer without a browser: speaks Streamlit's protocol and ticks when the page asks for it.

One costs a thousandth of a browser tab, so that 50 of them measure the app and not the machine.
"""

import asyncio
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from bench.scripted_viewer import is_status, requested_rerun, rerun, rerun_by

Seen = Callable[[float, dict[str, Any]], None]
OnMessage = Callable[[float, bytes], None]
Arrived = Callable[[float, int], None]
_RETRY_SECONDS = 5.0
"""As `RERUN` in `status.js`."""
_TICK_COMPONENT = "streamlit_autorefresh.st_autorefresh"


@dataclass
class Traffic:
    """What one viewer cost: drawings of the page, ticks, and bytes from and to the app.

    `received` are bytes as they went over the network, packed where both sides do so. `waits` are
    the moments of the requests, and the seconds from each to the end of what it caused.
    """

    drawings: int = 0
    ticks: int = 0
    received: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)
    sent: int = 0


class _Counted(ClientConnection):
    """A connection that knows how many bytes came over it, packed as they were."""

    received = 0

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        self.received += len(data)
        super().data_received(data)


@dataclass
class _Viewer:
    """What a browser would keep: which fragment to ask for, and when."""

    socket: ClientConnection
    state: ClientState
    traffic: Traffic
    tick_at: float
    tick: Delta | None = None
    asked_at: float | None = None
    under_way: int = 0
    second_tick: Delta | None = None
    reruns: dict[str, Delta] = field(default_factory=dict)
    cached: list[str] = field(default_factory=list)

    async def ask(self, fragment: str = "", *values: WidgetState) -> None:
        """Have the page drawn, or one fragment of it, with these values of widgets."""
        self.state.fragment_id = fragment
        del self.state.widget_states.widgets[:]
        self.state.widget_states.widgets.extend(values)
        del self.state.cached_message_hashes[:]
        self.state.cached_message_hashes.extend(self.cached)
        body = BackMsg(rerun_script=self.state).SerializeToString()
        self.traffic.sent += len(body)
        self.under_way += 1
        if self.asked_at is None:
            self.asked_at = time.monotonic()
        await self.socket.send(body)

    async def take_tick(self) -> None:
        """Ask as the page's timer does, or again for a second tick that hasn't come."""
        if self.tick is None:
            await self.request_second_tick()
            return
        self.traffic.ticks += 1
        timer = self.tick.new_element.component_instance.id
        value = WidgetState(id=timer, json_value=json.dumps(self.traffic.ticks))
        await self.ask(self.tick.fragment_id, value)

    async def request_second_tick(self) -> None:
        """Ask for the tick that draws the timer, and note when to ask again, as a browser does."""
        assert self.second_tick is not None  # noqa: S101 - without a timer, it has been announced
        self.tick_at = time.monotonic() + _RETRY_SECONDS
        component = self.second_tick.new_element.bidi_component
        await self.ask(self.second_tick.fragment_id, rerun(component, self.traffic.ticks + 1))

    async def hear(self, body: bytes, seen: Seen) -> None:
        """Take a message of the app, and ask for a drawing where it says that there is news."""
        message = ForwardMsg.FromString(body)
        if message.WhichOneof("type") == "new_session":
            self.state.page_script_hash = message.new_session.page_script_hash
        if message.WhichOneof("type") == "script_finished":
            self._finished()
        if message.metadata.cacheable:
            self.cached.append(message.hash)
        element = message.delta.new_element
        if element.component_instance.component_name == _TICK_COMPONENT:
            self.tick = message.delta
            wait = json.loads(element.component_instance.json_args)["interval"] / 1000
            self.tick_at = time.monotonic() + wait
        elif is_status(element.bidi_component):
            told = json.loads(element.bidi_component.json)
            seen(time.monotonic(), told)
            if told.get("start_timer"):
                self.second_tick = message.delta
                await self.request_second_tick()
            elif self.tick is None:  # a page that won't change by itself
                self.tick_at = math.inf
            requested = requested_rerun(element.bidi_component)
            if requested is not None:
                self.traffic.drawings += 1
                drawn = self.reruns[requested]
                component = drawn.new_element.bidi_component
                await self.ask(drawn.fragment_id, rerun(component, self.traffic.drawings))
        elif (fragment := rerun_by(element.bidi_component)) is not None:
            self.reruns[fragment] = message.delta

    def _finished(self) -> None:
        """Note how long it took, once nothing of what was asked is under way."""
        self.under_way = max(0, self.under_way - 1)
        if self.asked_at is not None and not self.under_way:
            self.traffic.waits.append((self.asked_at, time.monotonic() - self.asked_at))
            self.asked_at = None


async def watch(
    port: int,
    page: str,
    query: str,
    *,
    until: float,
    seen: Seen = lambda _at, _badge: None,
    on_message: OnMessage = lambda _at, _message: None,
    arrived: Arrived = lambda _at, _size: None,
) -> Traffic:
    """Watch a page until a moment of `time.monotonic()`; return what that cost.

    `seen` is called for each status with that moment and what it was told, `on_message` for each
    message as it came, `arrived` then with the bytes that have come over the network so far.
    """
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    # Fifty viewers of the plain page make it too slow for the library's limits.
    async with connect(
        address,
        max_size=None,
        open_timeout=None,
        ping_timeout=None,
        create_connection=_Counted,
    ) as socket:
        state = ClientState(query_string=query, page_name=page)
        assert isinstance(socket, _Counted)  # noqa: S101 - as was asked for
        viewer = _Viewer(socket, state, Traffic(), tick_at=until)
        await viewer.ask()
        while (now := time.monotonic()) < until:
            try:
                due_at = min(viewer.tick_at, until)
                body = await asyncio.wait_for(socket.recv(decode=False), max(0, due_at - now))
            except TimeoutError:
                if viewer.tick_at >= until:
                    break
                viewer.tick_at = until
                await viewer.take_tick()
                viewer.tick = None
                continue
            on_message(time.monotonic(), body)
            arrived(time.monotonic(), socket.received)
            await viewer.hear(body, seen)
    viewer.traffic.received = socket.received
    return viewer.traffic
