"""A viewer without a browser: speaks Streamlit's protocol and ticks when the page asks for it.

One costs a thousandth of a browser tab, so that 50 of them measure the app and not the machine.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

Seen = Callable[[float, dict[str, Any]], None]
Heard = Callable[[float, bytes], None]
_TICK_COMPONENT = "streamlit_autorefresh.st_autorefresh"
_BADGE = "vpo_monitor_connection"


async def watch(
    port: int,
    page: str,
    query: str,
    *,
    until: float,
    seen: Seen = lambda _at, _badge: None,
    heard: Heard = lambda _at, _message: None,
) -> int:
    """Watch a page until a moment of `time.monotonic()`; return how often it was drawn.

    `seen` is called for each drawing with that moment and what the badge was told, `heard` for each
    message as it came.
    """
    drawings = 0
    async with connect(f"ws://127.0.0.1:{port}/_stcore/stream", max_size=None) as socket:
        state = ClientState(query_string=query, page_name=page)
        await socket.send(BackMsg(rerun_script=state).SerializeToString())
        count, tick_at, tick = 0, until, None
        while (now := time.monotonic()) < until:
            try:
                body = await asyncio.wait_for(socket.recv(decode=False), max(0, tick_at - now))
            except TimeoutError:
                if tick is None:
                    break
                count += 1
                state.fragment_id = tick.fragment_id
                del state.widget_states.widgets[:]
                value = state.widget_states.widgets.add()
                value.id = tick.new_element.component_instance.id
                value.json_value = json.dumps(count)
                await socket.send(BackMsg(rerun_script=state).SerializeToString())
                tick_at, tick = until, None
                continue
            heard(time.monotonic(), body)
            message = ForwardMsg.FromString(body)
            if message.WhichOneof("type") == "new_session":
                state.page_script_hash = message.new_session.page_script_hash
            element = message.delta.new_element
            if element.component_instance.component_name == _TICK_COMPONENT:
                tick = message.delta
                wait = json.loads(element.component_instance.json_args)["interval"] / 1000
                tick_at = time.monotonic() + wait
            elif _BADGE in element.bidi_component.component_name:
                drawings += 1
                seen(time.monotonic(), json.loads(element.bidi_component.json))
    return drawings
