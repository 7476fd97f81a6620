"""A press that a browser sends together with its timer, as one request of the tick."""

from collections.abc import Iterator

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from bench.scripted_viewer import Viewer
from tests.running_app import running_app
from tests.vpo_server import VpoServer, start


class _Hurried(Viewer):
    def press_as_it_ticks(self, *pressed: WidgetState) -> None:
        assert self._timer
        timer = self._timer.new_element.component_instance.id
        self._ask(self._timer.fragment_id, WidgetState(id=timer, json_value="1000"), *pressed)

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
    with running_app(**settings) as port:
        yield port


@pytest.fixture
def viewer(port: int) -> Iterator[_Hurried]:
    with _Hurried(port) as viewer:
        viewer.open("jobs")
        while "1 to 100 of" not in viewer.words:
            assert viewer.tick()
        yield viewer


def test_a_button_is_answered_at_once(viewer: _Hurried) -> None:
    older = viewer.id_of("button", "Older page")
    viewer.press_as_it_ticks(WidgetState(id=older, trigger_value=True))
    assert "101 to 130 of" in viewer.words


def test_what_is_typed_is_searched_for_at_once(viewer: _Hurried, server: VpoServer) -> None:
    search = viewer.id_of("text_input", "Path contains")
    viewer.press_as_it_ticks(WidgetState(id=search, string_value="elsewhere"))
    assert any("search=elsewhere" in request.query for request in server.requests)
