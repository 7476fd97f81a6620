"""A viewer without a browser who takes one step after the other: opens a page, ticks, presses.

`bench.websocket_viewer` ticks by the page's own timer, as a browser does; this one ticks when told.
"""

import contextlib
import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from websockets.sync.client import connect

_TICK_COMPONENT = "streamlit_autorefresh.st_autorefresh"
_MESSAGE, _TICK_KIND = "vpo_monitor_message", "tick-message"
_FRAGMENTS = ("view", "rows")
_ANSWER_SECONDS = 30.0
_MOST_RUNS = 10
"""Runs that one step may cause: a tick has the page drawn, a login has it run again."""


def log_in(port: int, password: str, base: str = "") -> str:
    """Log in with a password, as the form does, and return the cookie."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)) as app:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        app.request("POST", f"{base}/login", urlencode({"password": password}), form)
        answer = app.getresponse()
        cookie = answer.headers["Set-Cookie"]
        if cookie is None:
            raise PermissionError(f"The login was refused with status {answer.status}.")
        return str(cookie).partition(";")[0]


class Viewer:
    """One session with the app on a port of this machine; each step ends when the app is done.

    `on_message` is called with each message of the app as it came. `cookie` is what `log_in`
    returned, if the app needs a login. `badge` is what the status element was sent last, `ticks`
    counts the steps of that kind.
    """

    def __init__(
        self, port: int, on_message: Callable[[bytes], None] = lambda _body: None, cookie: str = ""
    ) -> None:
        self.badge: dict[str, Any] = {}
        self.ticks = 0
        self._on_message = on_message
        self._open = contextlib.ExitStack()
        self._socket = self._open.enter_context(
            connect(
                f"ws://127.0.0.1:{port}/_stcore/stream",
                max_size=None,
                additional_headers={"Cookie": cookie} if cookie else None,
            )
        )
        self._page = self._query = self._script = ""
        self._shown: dict[tuple[int, ...], Delta] = {}
        self._timer: Delta | None = None
        self._reruns: dict[str, Delta] = {}

    def open(self, page: str = "", query: str = "") -> None:
        """Open a page, `""` being the overview, as a link with this query would."""
        self._page, self._query, self._script = page, query, ""
        self._timer = None
        self._ask("")

    def tick(self) -> bool:
        """Ask as the page's timer does; False where the page has set none, as nothing will come."""
        timer, self._timer = self._timer, None
        if timer is None:
            return self._start_timer()
        self.ticks += 1
        value = json.dumps(self.ticks)
        widget = WidgetState(id=timer.new_element.component_instance.id, json_value=value)
        self._ask(timer.fragment_id, widget)
        return True

    def _start_timer(self) -> bool:
        """Ask for a page's second tick if the first had no timer, as a browser does."""
        if not self.badge.get("start_timer"):
            return False
        status = self._reruns["tick"]
        self._ask(status.fragment_id, rerun(status.new_element.bidi_component, self.ticks))
        return True

    def press(self, *labels: str, typed: Mapping[str, str] | None = None) -> None:
        """Press the first button with one of the labels, with this typed into the text inputs."""
        button = next(d for d in self.all("button") if d.new_element.button.label in labels)
        values = [
            WidgetState(id=each.new_element.text_input.id, string_value=typed[label])
            for each in self.all("text_input")
            if typed and (label := each.new_element.text_input.label) in typed
        ]
        pressed = WidgetState(id=button.new_element.button.id, trigger_value=True)
        self._ask(button.fragment_id, *values, pressed)

    def all(self, kind: str) -> list[Delta]:
        """The elements that are shown of a kind, such as `button` or `text_input`."""
        return [d for d in self._shown.values() if d.new_element.WhichOneof("type") == kind]

    def vanish(self) -> None:
        """Be gone without a word, as a browser whose machine falls asleep."""
        self._socket.close_socket()

    def close(self) -> None:
        """Leave, as a tab that is closed."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, fragment: str, *values: WidgetState) -> None:
        for _run in range(_MOST_RUNS):
            state = ClientState(
                query_string=self._query,
                page_name="" if self._script else self._page,
                page_script_hash=self._script,
                fragment_id=fragment,
            )
            state.widget_states.widgets.extend(values)
            if fragment:
                self._shown = {p: d for p, d in self._shown.items() if d.fragment_id != fragment}
            else:
                self._shown.clear()
            self._socket.send(BackMsg(rerun_script=state).SerializeToString())
            requested = self._listen()
            if requested is None:
                self._start_timer()
                return
            element = self._reruns[requested]
            fragment = element.fragment_id
            values = (rerun(element.new_element.bidi_component, self.ticks),)

    def _listen(self) -> str | None:
        """Listen until the app is done; the fragment whose rerun the status element requests."""
        requested = None
        while True:
            body = self._socket.recv(_ANSWER_SECONDS, decode=False)
            self._on_message(body)
            message = ForwardMsg.FromString(body)
            match message.WhichOneof("type"):
                case "delta":
                    self._take(message)
                    element = message.delta.new_element
                    if is_status(element.bidi_component):
                        requested = requested_rerun(element.bidi_component)
                case "navigation":
                    self._script = message.navigation.page_script_hash
                case "script_finished":
                    if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                        return requested

    def _take(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        self._shown[tuple(message.metadata.delta_path)] = message.delta
        if element.component_instance.component_name == _TICK_COMPONENT:
            self._timer = message.delta
        elif is_status(element.bidi_component):
            self.badge = json.loads(element.bidi_component.json)
            self._reruns["tick"] = message.delta
        elif (fragment := rerun_by(element.bidi_component)) is not None:
            self._reruns[fragment] = message.delta


def _kind(component: BidiComponent) -> str:
    """The kind of what is sent to the page's scripts; empty if the component is for another end."""
    return str(json.loads(component.json)["kind"]) if _MESSAGE in component.component_name else ""


def is_status(component: BidiComponent) -> bool:
    """Whether it is what a tick sends to the status element."""
    return _kind(component) == _TICK_KIND


def rerun_by(component: BidiComponent) -> str | None:
    """The fragment that runs again if this component asks for it."""
    return next((name for name in _FRAGMENTS if _kind(component) == f"rerun-{name}"), None)


def requested_rerun(component: BidiComponent) -> str | None:
    """The fragment whose rerun a tick requests, if any."""
    told = json.loads(component.json)
    return next((name for name in _FRAGMENTS if told.get(name)), None)


def rerun(component: BidiComponent, number: int) -> WidgetState:
    """What the element of a fragment sends to have it run again."""
    event = json.dumps([{"event": "rerun", "value": number}])
    name = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{component.id}__events"
    return WidgetState(id=name, json_trigger_value=event)
