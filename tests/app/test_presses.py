"""A press that a browser sends together with its timer, as one request of the tick."""

import threading
import time
from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState

from bench.scripted_viewer import Viewer
from tests.running_app import running_app
from tests.vpo_server import VpoServer, start

PATIENCE = 20.0


class _Hurried(Viewer):
    def press_as_it_ticks(self, pressed: WidgetState) -> None:
        """Ask for this once; what the app has the browser ask for then is not asked for."""
        assert self._timer
        timer = self._timer.new_element.component_instance.id
        state = ClientState(page_script_hash=self._script, fragment_id=self._timer.fragment_id)
        state.widget_states.widgets.extend([WidgetState(id=timer, json_value="1000"), pressed])
        self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        self._listen()

    def id_of(self, kind: str, label: str) -> str:
        """The id of the first widget of a kind that is shown with this label."""
        shown = (getattr(delta.new_element, kind) for delta in self.all(kind))
        return str(next(widget.id for widget in shown if widget.label == label))

    @property
    def words(self) -> str:
        return "\n".join(delta.new_element.text.body for delta in self.all("text"))


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=130, seed=1, rate_limit=None) as running:
        yield running


@pytest.fixture(scope="module")
def port(server: VpoServer) -> Iterator[int]:
    settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_POLL_INTERVAL": "60"}
    with running_app(**settings, AMPLE_BUDGET="1") as port:
        yield port


@pytest.fixture
def viewer(port: int) -> Iterator[_Hurried]:
    with _Hurried(port) as viewer:
        viewer.open("jobs")
        while "1 to 100 of" not in viewer.words:
            assert viewer.tick()
        yield viewer


def expect_request(server: VpoServer, query: str) -> None:
    """Wait until VPO is asked so; only a page that is drawn again asks for other jobs."""
    give_up_at = time.monotonic() + PATIENCE
    while not any(query in request.query for request in server.requests):
        assert time.monotonic() < give_up_at, f"no request with {query}"
        threading.Event().wait(0.02)


def test_a_button_is_answered(viewer: _Hurried, server: VpoServer) -> None:
    older = viewer.id_of("button", "Older page")
    viewer.press_as_it_ticks(WidgetState(id=older, trigger_value=True))
    expect_request(server, "offset=100")


def test_an_old_value_in_a_tick_is_not_taken_for_a_press(
    viewer: _Hurried, server: VpoServer
) -> None:
    """As after *Back*, until the browser has received what the field holds now."""
    search = viewer.id_of("text_input", "Path contains")
    viewer.press_as_it_ticks(WidgetState(id=search, string_value="elsewhere"))
    assert viewer.tick()
    assert not any("search=elsewhere" in request.query for request in server.requests)
