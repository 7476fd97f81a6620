"""The login before all else: each page as the very first request of a fresh process."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.scripted_viewer import Viewer
from tests.running_app import running_app
from vpo_monitor.demo import DemoServer, start

PASSWORD = "open sesame"
LOGIN_ALONE = {"html", "heading", "bidi_component", "text_input", "button"}
"""The style, the title, what holds the cookie, and the form."""


@pytest.fixture(scope="module")
def behind_login() -> Iterator[int]:
    """Where an app listens that has a password, for the tests that need no fresh one."""
    with start(worker=False, history=0) as server:
        settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_PASSWORD": PASSWORD}
        with running_app(**settings) as port:
            yield port


@pytest.mark.parametrize(
    "page",
    [
        *("", "job"),
        *(
            pytest.param(page, marks=pytest.mark.long)
            for page in ("jobs", "timeline", "statistics", "server")
        ),
    ],
)
def test_each_url_as_the_very_first_request_of_a_process_meets_the_login(
    page: str, server: DemoServer
) -> None:
    job = server.store.add_job(job_type="move", status="running", file_path="/srv/secret.mkv")
    settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_PASSWORD": PASSWORD}
    sent: list[bytes] = []
    with running_app(**settings) as port, Viewer(port, sent.append) as viewer:
        viewer.open(page, f"id={job}")
        kinds = {delta.new_element.WhichOneof("type") for delta in viewer._shown.values()}
        assert kinds - {None} == LOGIN_ALONE  # what stands in containers; these are of no type
        assert [one.new_element.heading.body for one in viewer.all("heading")] == ["VPO Monitor"]
        assert [one.new_element.button.label for one in viewer.all("button")] == ["Log in"]
        assert b"secret.mkv" not in b"".join(sent)
        assert not server.requests
        viewer.press("Log in", typed={"Password": PASSWORD})
        assert server.requests


def test_a_late_tick_after_a_log_out_draws_nothing(behind_login: int) -> None:
    """Over a part of a page that is no more the browser would break down."""
    with Viewer(behind_login) as viewer:
        viewer.open("jobs")
        viewer.press("Log in", typed={"Password": PASSWORD})
        timer = viewer._timer
        assert timer is not None
        viewer.press("Log out")
        assert [one.new_element.button.label for one in viewer.all("button")] == ["Log in"]
        tick = ClientState(page_name="jobs", fragment_id=timer.fragment_id)
        viewer._socket.send(BackMsg(rerun_script=tick).SerializeToString())
        assert "delta" not in kinds_until_it_is_quiet(viewer)


def kinds_until_it_is_quiet(viewer: Viewer) -> list[str | None]:
    """The kinds of all messages up to 2 s in which none comes."""
    kinds: list[str | None] = []
    with contextlib.suppress(TimeoutError):
        while True:
            message = ForwardMsg.FromString(viewer._socket.recv(2, decode=False))
            kinds.append(message.WhichOneof("type"))
    return kinds


def test_who_is_not_in_cannot_have_it_forgotten_who_is(behind_login: int) -> None:
    with Viewer(behind_login) as viewer, Viewer(behind_login) as stranger:
        viewer.open("jobs")
        viewer.press("Log in", typed={"Password": PASSWORD})
        stranger.open("jobs")
        stranger._socket.send(BackMsg(clear_cache=True).SerializeToString())
        stranger.press("Log in", typed={"Password": "open barley"})  # so that it has been cleared
        viewer.open("jobs")
        labels = [one.new_element.text_input.label for one in viewer.all("text_input")]
        assert "Password" not in labels


def test_no_viewer_can_have_the_poller_forget_what_it_has_asked(server: DemoServer) -> None:
    settings = {"VPO_MONITOR_API_URL": server.url, "VPO_MONITOR_POLL_INTERVAL": "60"}

    def asked() -> list[str]:
        return [one.path for one in server.requests if one.path == "/api/jobs"]

    with running_app(**settings) as port, Viewer(port) as viewer, Viewer(port) as stranger:
        viewer.open("jobs")
        stranger.open("jobs")
        before = asked()
        stranger._socket.send(BackMsg(clear_cache=True).SerializeToString())
        stranger.open("jobs")  # answered after it has been cleared
        viewer.open("jobs")
    assert before
    assert asked() == before


@pytest.mark.long
def test_a_star_for_all_accounts_is_nobody_who_has_not_logged_in(
    server: DemoServer, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        '[vpo_monitor]\nallowed_emails = "*"\n[auth]\nredirect_uri = "http://localhost/oauth2callback"\n'
        'cookie_secret = "x"\nclient_id = "x"\nclient_secret = "x"\n'
        'server_metadata_url = "http://localhost/.well-known/openid-configuration"\n'
    )
    settings = {"VPO_MONITOR_API_URL": server.url, "HOME": str(tmp_path)}
    with running_app(**settings) as port, Viewer(port) as viewer:
        viewer.open("jobs")
        labels = [one.new_element.button.label for one in viewer.all("button")]
        assert labels == ["Log in with your account"]
        assert not viewer.all("arrow_data_frame")
    assert not server.requests


@pytest.mark.long
def test_nobody_can_fill_the_memory_with_files(behind_login: int) -> None:
    sent: list[bytes] = []
    with Viewer(behind_login, sent.append) as viewer:
        viewer.open("jobs")
        starts = [ForwardMsg.FromString(body).new_session for body in sent]
        session = next(one.initialize.session_id for one in starts if one.initialize.session_id)
        app, browser = f"http://127.0.0.1:{behind_login}/_stcore", requests.Session()
        browser.get(f"{app}/health", timeout=10)
        browser.headers["X-Xsrftoken"] = browser.cookies["_streamlit_xsrf"]
        place = f"{app}/upload_file/{session}/1"
        refused = browser.put(place, files={"file": ("a.txt", b"ab")}, timeout=10)
        assert refused.status_code == 413
