"""The running app behind its login: nothing is served, asked or lost before."""

import contextlib
import statistics
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.scripted_viewer import Viewer, log_in
from tests.running_app import running_app
from tests.vpo_server import VpoServer, start

PASSWORD = "open sesame"
PAGES = ("", "jobs", "job", "timeline", "statistics", "library", "server")
OTHER_PATHS = [
    *("_stcore/health", "_stcore/host-config", "_stcore/metrics", "_stcore/script-health-check"),
    *("_stcore/agent/openapi.json", "_stcore/upload_file/1/2", "_stcore/bidi-components/x/y.js"),
    *("media/x.csv", "component/streamlit_autorefresh.st_autorefresh/index.html", "favicon.png"),
    *("static/js/x.js", "manifest.json", "auth/login", "auth/logout", "app/static/x"),
]


@pytest.fixture(scope="module")
def watched() -> Iterator[VpoServer]:
    with start(worker=False, history=0) as server:
        server.store.add_job(job_type="move", status="running", file_path="/srv/secret.mkv")
        yield server


@pytest.fixture(scope="module")
def behind_login(watched: VpoServer) -> Iterator[int]:
    """Where an app listens that has a password."""
    settings = {"VPO_MONITOR_API_URL": watched.url, "VPO_MONITOR_PASSWORD": PASSWORD}
    with running_app(**settings) as port:
        yield port


@contextlib.contextmanager
def answer(port: int, path: str, method: str = "GET", **headers: str) -> Iterator[HTTPResponse]:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, headers=headers)
        yield connection.getresponse()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_without_a_session_leads_to_the_login_and_asks_vpo_for_nothing(
    page: str, behind_login: int, watched: VpoServer
) -> None:
    before = len(watched.requests)
    with answer(behind_login, f"/{page}", Accept="text/html") as got:
        assert got.status == 303
        location = got.headers["Location"]
        assert not got.read()
    assert location == ("/login" if not page else f"/login?next=%2F{page}")
    assert len(watched.requests) == before


@pytest.mark.parametrize("path", OTHER_PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_everything_else_is_refused_in_a_line(path: str, method: str, behind_login: int) -> None:
    with answer(behind_login, f"/{path}", method) as got:
        assert got.status == 401
        assert len(got.read()) < 100
        assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_small_responses_follow_each_other_at_once(behind_login: int) -> None:
    took = []
    with contextlib.closing(HTTPConnection("127.0.0.1", behind_login, timeout=10)) as connection:
        for _ in range(41):
            begun = time.monotonic()
            connection.request("GET", "/login")
            connection.getresponse().read()
            took.append(time.monotonic() - begun)
    # Where a body waits for the acknowledgment of its headers, each but the first takes 0.044 s.
    assert statistics.median(took) < 0.03


@pytest.mark.parametrize(
    "path",
    ["/static/../../app.py", "/..%2f..%2fapp.py", "//evil.example", "/%5c%5cevil", "/jobs/.."],
)
def test_paths_that_lead_elsewhere_lead_nowhere(path: str, behind_login: int) -> None:
    with answer(behind_login, path, Accept="text/html") as got:
        assert got.status in (303, 401)
        assert got.headers.get("Location", "/login").startswith("/login")
        assert "evil" not in got.headers.get("Location", "")
    cookie = log_in(behind_login, PASSWORD)
    with answer(behind_login, path, Accept="text/html", Cookie=cookie) as got:
        assert got.status in (200, 301, 400, 404)
        assert b"lifespan" not in got.read()
        assert "//" not in got.headers.get("Location", "")


@pytest.mark.parametrize("cookie", ["", "vpo-monitor-{port}=forged", "vpo-monitor-1={token}"])
def test_a_connection_needs_the_cookie_of_a_session(cookie: str, behind_login: int) -> None:
    token = log_in(behind_login, PASSWORD).partition("=")[2]
    with pytest.raises(InvalidStatus, match="403"):
        Viewer(behind_login, cookie=cookie.format(port=behind_login, token=token))


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}", 101),
        ("foreign.invalid:{port}", "http://foreign.invalid:{port}", 403),
        ("127.0.0.1:{port}", "http://foreign.invalid", 403),
        ("127.0.0.1:{port}", "null", 403),
    ],
)
def test_a_foreign_page_or_a_foreign_name_for_this_machine_cannot_connect(
    host: str, origin: str, status: int, behind_login: int
) -> None:
    connect = {
        "Host": host.format(port=behind_login),
        "Origin": origin.format(port=behind_login),
        "Cookie": log_in(behind_login, PASSWORD),
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    with answer(behind_login, "/_stcore/stream", **connect) as got:
        assert got.status == status


def test_a_form_of_10_mb_is_refused_and_the_app_goes_on(behind_login: int) -> None:
    place = f"http://127.0.0.1:{behind_login}/login"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (
        b"x" * 10_000_000,
        (b"x" * 100_000 for _ in range(100)),
    ):  # of known length, or not
        # The app closes the connection while it is being sent: what it says may be cut off.
        with (
            contextlib.suppress(requests.ConnectionError),
            requests.post(place, body, headers=form, timeout=30, stream=True) as got,
        ):
            assert got.status_code == 413
    with answer(behind_login, "/healthz") as got:
        assert got.read() == b"ok\n"
    assert log_in(behind_login, PASSWORD)


def test_a_login_opens_the_pages_and_logging_out_closes_every_connection(
    behind_login: int, watched: VpoServer
) -> None:
    cookie = log_in(behind_login, PASSWORD)
    with (
        Viewer(behind_login, cookie=cookie) as viewer,
        Viewer(behind_login, cookie=cookie) as other,
    ):
        viewer.open("jobs")
        other.open("server")
        assert watched.requests
        with answer(behind_login, "/logout", "POST", Cookie=cookie) as got:
            assert got.status == 303
            assert got.headers["Location"] == "/login"
        for one in (viewer, other):
            with pytest.raises(ConnectionClosed, match="1008"):
                receive_all(one)
    with answer(behind_login, "/session", Cookie=cookie) as got:
        assert got.status == 401


def receive_all(viewer: Viewer) -> None:
    while True:
        viewer._socket.recv(10)


def test_no_viewer_can_have_the_poller_forget_what_it_has_asked(server: VpoServer) -> None:
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
    server: VpoServer, tmp_path: Path
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        '[vpo_monitor]\nallowed_emails = "*"\n[auth]\nredirect_uri = "http://localhost/oauth2callback"\n'
        'cookie_secret = "x"\nclient_id = "x"\nclient_secret = "x"\n'
        'server_metadata_url = "http://localhost/.well-known/openid-configuration"\n'
    )
    settings = {"VPO_MONITOR_API_URL": server.url, "HOME": str(tmp_path)}
    with running_app(**settings) as port:
        with answer(port, "/login") as got:
            page = got.read().decode()
        assert "Log in with your account" in page
        assert "password" not in page.partition("<main>")[2]
        with pytest.raises(InvalidStatus, match="403"):
            Viewer(port)
    assert not server.requests


@pytest.mark.long
def test_nobody_can_fill_the_memory_with_files(behind_login: int) -> None:
    sent: list[bytes] = []
    cookie = log_in(behind_login, PASSWORD)
    with Viewer(behind_login, sent.append, cookie) as viewer:
        viewer.open("jobs")
        starts = [ForwardMsg.FromString(body).new_session for body in sent]
        session = next(one.initialize.session_id for one in starts if one.initialize.session_id)
        app, browser = f"http://127.0.0.1:{behind_login}/_stcore", requests.Session()
        name, _, value = cookie.partition("=")
        browser.cookies.set(name, value)
        browser.get(f"{app}/health", timeout=10)
        browser.headers["X-Xsrftoken"] = browser.cookies["_streamlit_xsrf"]
        place = f"{app}/upload_file/{session}/1"
        refused = browser.put(place, files={"file": ("a.txt", b"ab")}, timeout=10)
        assert refused.status_code == 413
