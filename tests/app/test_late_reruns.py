"""A browser asks on for the page that its viewer has left, until it hears of the next one."""

from collections.abc import Iterator

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

from bench.scripted_viewer import Viewer
from tests.running_app import running_app
from tests.vpo_server import start
from vpo_monitor.streamlit_patches import late_reruns


class _Leaver(Viewer):
    """A viewer whose timer ticks, and whose page is to be drawn, just as the page is left.

    `runs` are the pages of which the app said that it draws them, or a part of them; a browser
    clears its screen where that is another page than the one before.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port, self._note)
        self.scripts: dict[str, str] = {}
        self.runs: list[str] = []

    def leave_for(self, page: str) -> None:
        """Go to another page, and hear until that is drawn."""
        late = [self._reruns["tick"].fragment_id]
        before, self._script = self._script, self.scripts[page]
        self._timer = None
        for fragment, script in [("", self._script), *((one, before) for one in late)]:
            state = ClientState(page_script_hash=script, fragment_id=fragment)
            self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        self.runs.clear()
        self._listen()

    def _note(self, body: bytes) -> None:
        message = ForwardMsg.FromString(body)
        match message.WhichOneof("type"):
            case "navigation":
                pages = message.navigation.app_pages
                self.scripts = {page.url_pathname: page.page_script_hash for page in pages}
            case "new_session":
                self.runs.append(message.new_session.page_script_hash)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where an app listens; a new viewer finds nothing of those before."""
    with start(worker=False, history=0) as server:
        server.store.add_job(job_type="move", status="running", file_path="/srv/film.mkv")
        with running_app(VPO_MONITOR_API_URL=server.url) as port:
            yield port


@pytest.mark.long
@pytest.mark.parametrize(("before", "after"), [("", "jobs"), ("statistics", "server")])
def test_what_is_asked_for_the_page_before_does_not_clear_the_next_one(
    before: str, after: str, port: int
) -> None:
    with _Leaver(port) as viewer:
        viewer.open(before)
        viewer.leave_for(after)
        assert viewer.tick()  # what was asked for before is done when this is answered
        assert set(viewer.runs) == {viewer.scripts[after]}
        viewer.leave_for(before)
        viewer.leave_for(after)
        assert viewer.tick()
        assert set(viewer.runs) == {viewer.scripts[after]}


class _Session(AppSession):
    def __init__(self) -> None:  # a name for what is asked; it runs nothing
        pass

    def __del__(self) -> None:
        pass


def test_what_is_late_is_let_be_and_a_browser_believed_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[ClientState] = []
    monkeypatch.setattr(AppSession, "request_rerun", lambda _session, asked: done.append(asked))
    late_reruns.apply()
    viewer, other = _Session(), _Session()

    def ask(session: AppSession, script: str, fragment: str = "", component: str = "") -> bool:
        """Whether the app does what is asked."""
        before = len(done)
        state = ClientState(page_script_hash=script, fragment_id=fragment)
        if component:
            state.widget_states.widgets.add(id=component, json_trigger_value="[]")
        session.request_rerun(state)
        return len(done) > before

    assert ask(other, "jobs", "tick of a session that was there before")
    assert ask(viewer, "")  # as a link opens a page
    assert ask(viewer, "jobs", "tick")
    assert ask(viewer, "server")
    assert not ask(viewer, "jobs", "late tick")
    assert not ask(viewer, "jobs", component="a page whose ticks are late")
    assert ask(viewer, "server", component="a page whose ticks are late")
    assert ask(viewer, "server", "tick")
    assert ask(other, "jobs", "tick")
    assert ask(viewer, "jobs")
    assert not ask(viewer, "server", "late tick")
    assert ask(viewer, "jobs", "tick")
    monkeypatch.setattr(late_reruns, "_LATE_SECONDS", 0.0)
    assert ask(viewer, "server", "tick of a page to which the app itself turned")
