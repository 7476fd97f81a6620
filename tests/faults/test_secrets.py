"""A token and a password, thrown into each kind of failure of a whole app, come out nowhere."""

import base64
import contextlib
import html
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, quote

import pytest

from bench.running_app import free_port, wait_until_up
from bench.scripted_viewer import Viewer, log_in
from tests.secret_leaks import PASSWORD, TOKEN, leaks

_ROOT = Path(__file__).parents[2]
_RECORDINGS = _ROOT / "tests" / "data" / "recordings"
_JOB = "394e3086-ee9e-43e6-95ba-142208715b12"
_PATIENCE = 20.0
_IN_A_FILE = "q5Zr7Yw2Kd9Lx4Bn"
"""A token in a secrets.toml that is damaged in just that line."""

# Every logger of the process tells all it knows, and a silent server times out in half a second.
_APP = """
import logging
logging.basicConfig(level=logging.DEBUG)
from vpo_monitor.api.client import VpoClient
VpoClient.__init__.__kwdefaults__["read_timeout"] = 0.5
from pathlib import Path
from tests.isolation import isolate_sources
from vpo_monitor import app_files
app_files.PAGES_FOLDER = Path("pages").resolve()
isolate_sources()
from bench.process_probe import main
main()
"""
# A page that fails while it holds the settings, and tells all that it can reach from them.
_CRASH = """
import traceback
from pydantic import SecretStr
from vpo_monitor import services
settings, target = services.current().settings, services.current().servers[0]
client = target.poller._client
held = [settings, target, target.server, client, client._http, client._http._login]
of_settings = [value for value in vars(settings).values() if not isinstance(value, SecretStr)]
held += [value for value in of_settings if hasattr(value, "__dict__")]
told = [f"{one!r} {one!s} {vars(one)}" for one in held]
try:
    raise KeyError("the inner one")
except KeyError as error:
    told += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    raise RuntimeError("crash-page " + " ".join(told)) from error
"""


class _Handler(BaseHTTPRequestHandler):
    """Answers as the test says; a failure throws the login back in all that can hold text."""

    vpo: "Vpo"

    def do_GET(self) -> None:
        self.vpo.asked.append((self.path, dict(self.headers)))
        login = self.headers.get("Authorization", "")
        match self.vpo.mode:
            case "good":
                self._answer(200, _recorded(self.path))
            case "silent":
                self.vpo.released.wait(_PATIENCE)
            case "redirect":
                self._answer(302, login, Location=f"{self.vpo.elsewhere}/?login={login}")
            case "cut short":
                self._answer(200, login, **{"Content-Length": "9999"})
            case "no json":
                self._answer(200, f'{{"{login}')
            case "other json":
                self._answer(200, json.dumps({"jobs": {"id": login}, login: login}))
            case int(status):
                self._answer(status, login, **{"Retry-After": login, "Date": login})

    def _answer(self, status: int, body: str | None, **headers: str) -> None:
        octets = (body or "").encode()
        login = self.headers.get("Authorization")
        self.send_response_only(404 if body is None else status, f"Not for {login}")
        for name, value in ({"Content-Length": str(len(octets))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(octets)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def _recorded(asked: str) -> str | None:
    """What the real server answered, as far as the pages ask for it."""
    path, _, query = asked.partition("?")
    name = {
        "/health": "health_healthy",
        "/api/about": "about",
        "/api/jobs": "jobs_default",
        "/api/plans": "plans",
        "/api/library": "library_empty",
        f"/api/jobs/{_JOB}": "job_of_logs_real_transcode",
        f"/api/jobs/{_JOB}/logs": "logs_real_transcode",
        "/api/jobs/00000000-0000-4000-8000-000000000000/logs": "logs_unknown_job",
    }.get(path)
    if path.startswith("/api/stats/"):
        name = f"stats_{path.rsplit('/', 1)[-1]}"
    if name is None:
        return None
    body = json.loads((_RECORDINGS / f"{name}.json").read_text("utf-8"))["body"]
    if path.endswith("/logs"):
        given = {key: int(value) for key, value in parse_qsl(query)}
        body["offset"] = given.get("offset", 0)
        body["lines"] = body["lines"][body["offset"] :][: given.get("lines", 500)]
    return json.dumps(body)


class Vpo:
    """A server that answers as it is told; `elsewhere` is where it redirects to."""

    def __init__(self, elsewhere: str) -> None:
        self.elsewhere = elsewhere
        self.mode: str | int = "good"
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = free_port()
        self.start()

    def start(self) -> None:
        self.released = threading.Event()
        handler = type("Handler", (_Handler,), {"vpo": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass
class World:
    """A running app that watches `vpo`, and what it has said since the last test.

    `trap` is another address; every connection to it is one that should not have been.
    """

    vpo: Vpo
    trap: socket.socket
    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"
    viewer: Viewer
    heard: bytearray
    cookie: str

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def open(self, page: str) -> None:
        """Open a page by a link that would have the app connect elsewhere, if links could."""
        names = ("api_url", "server", "url", "VPO_MONITOR_API_URL", "vpo_monitor.api_url")
        query = "&".join(f"{name}={self.vpo.elsewhere}" for name in names)
        self.viewer.open(page, f"id={_JOB}&search={self.vpo.elsewhere}&{query}")

    def until(self, is_so: Callable[[], bool]) -> None:
        """Tick, and press as a viewer would, until something is so."""
        give_up_at = time.monotonic() + _PATIENCE
        while not is_so():
            assert time.monotonic() < give_up_at, self.viewer.badge
            for _ in range(5):
                self.viewer.tick()
            self.viewer.press("Refresh")

    def get(self, path: str) -> bytes:
        """What the app serves there, also where that is an error."""
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, headers={"Cookie": self.cookie})
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - http
                return bytes(answer.read())
        except HTTPError as error:
            return error.read()

    def buttons(self, begin: str) -> list[str]:
        """The labels of the buttons that begin so."""
        labels = [delta.new_element.button.label for delta in self.viewer.all("button")]
        return [label for label in labels if label.startswith(begin)]

    def fetch(self, begin: str, files: int) -> None:
        """Press the button that begins so, and wait until the page offers so many files."""
        self.until(lambda: bool(self.buttons(begin)))
        self.viewer.press(*self.buttons(begin))
        self.until(lambda: len(self.files()) == files)

    def files(self) -> list[str]:
        """Where the files are that the page offers."""
        offered = self.viewer.all("download_button")
        return [delta.new_element.download_button.url for delta in offered]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("app")
    _furnish(folder)
    with contextlib.ExitStack() as running:
        trap = running.enter_context(socket.create_server(("127.0.0.1", 0)))
        trap.setblocking(False)
        vpo = Vpo(f"http://127.0.0.1:{trap.getsockname()[1]}")
        running.callback(vpo.stop)
        port, log = free_port(), running.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _APP, "--logger.level=debug", f"--server.port={port}"),
                *("--server.headless=true", "--server.fileWatcherType=none"),
            ],
            cwd=folder,
            env={
                **os.environ,
                **dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), vpo.elsewhere),
                "HOME": str(folder),
                "NETRC": str(folder / "netrc"),
                "PYTHONPATH": str(_ROOT),
                "SOAK_INTERVAL": "0.2",
                "VPO_MONITOR_API_URL": f"http://127.0.0.1:{vpo.port}",
                "VPO_MONITOR_API_TOKEN": TOKEN,
                "VPO_MONITOR_PASSWORD": PASSWORD,
                "VPO_MONITOR_LOG_INTERVAL": TOKEN,  # set where it does not belong
                "VPO_MONITOR_HISTORY": str(folder / "history.sqlite3"),
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        running.callback(process.communicate)
        running.callback(process.terminate)
        wait_until_up(f"http://127.0.0.1:{port}/healthz")
        heard = bytearray()
        with pytest.raises(PermissionError):
            log_in(port, f"{PASSWORD}, nearly")
        assert not vpo.asked
        cookie = log_in(port, PASSWORD)
        viewer = running.enter_context(Viewer(port, heard.extend, cookie))
        world = World(vpo, trap, folder, port, process, viewer, heard, cookie)
        world.open("")
        yield world


def _furnish(folder: Path) -> None:
    """A copy of the app, with a page that crashes, a damaged secrets.toml and a netrc."""
    shutil.copy(_ROOT / "app.py", folder)
    shutil.copytree(_ROOT / "pages", folder / "pages")
    shutil.copytree(_ROOT / ".streamlit", folder / ".streamlit")
    (folder / "pages" / "timeline.py").write_text(_CRASH, "utf-8")
    secrets = f'[vpo_monitor]\napi_token = "{_IN_A_FILE}\npoll_interval = 2\n'
    (folder / ".streamlit" / "secrets.toml").write_text(secrets, "utf-8")
    (folder / "netrc").write_text("machine 127.0.0.1 login a password b\n", "utf-8")
    (folder / "netrc").chmod(0o600)


@pytest.fixture(autouse=True)
def nothing_came_out(world: World) -> Iterator[None]:
    """After each test: neither the log nor what the app sent holds a secret; nobody was asked."""
    yield
    said, world.heard[:] = bytes(world.heard), b""
    assert not leaks(said, TOKEN, PASSWORD, _IN_A_FILE)
    assert not leaks(world.log, TOKEN, PASSWORD, _IN_A_FILE)
    with pytest.raises(BlockingIOError):
        world.trap.accept()


def _long(mode: str | int, sentence: str) -> Any:
    """A failure that is told and logged as those beside it are."""
    return pytest.param(mode, sentence, marks=pytest.mark.long)


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("refused", "cannot be reached"),
        _long("silent", "sent no complete response within"),
        (401, "requires a valid token"),
        _long(418, "returned the unexpected status 418"),
        _long(429, "received too many requests"),
        _long(500, "reported an internal error"),
        _long(503, "is shutting down or not running yet"),
        ("redirect", "redirects to another address"),
        _long("cut short", "was cut off or damaged"),
        _long("no json", "a response that isn't JSON"),
        ("other json", "sent an unexpected response"),
    ],
)
def test_a_failure_of_the_server(world: World, mode: str | int, sentence: str) -> None:
    said = world.log.count(sentence)
    world.vpo.mode = mode
    if mode == "refused":
        world.vpo.stop()
    world.open("jobs")
    world.until(lambda: world.log.count(sentence) > said)
    world.open("")  # it may show for an interval yet what came before
    world.until(lambda: world.viewer.badge["word"] not in ("Live", "Idle"))
    if mode == "refused":
        world.vpo.start()


def test_a_crash_in_a_page(world: World) -> None:
    world.open("timeline")
    assert "crash-page" in world.log
    assert "SecretStr" in world.log
    assert b"crash-page" not in world.heard
    (shown,) = world.viewer.all("exception")
    assert "redacted" in shown.new_element.exception.message


def test_downloads_and_all_else_that_the_app_serves_or_keeps(world: World) -> None:
    world.vpo.mode = "good"
    served = []
    fetched = {"jobs": ("Download", 2), "job": ("Fetch all", 1)}
    for page in ("", "jobs", "timeline", "statistics", "server", "job"):
        world.open(page)
        world.until(lambda: world.viewer.badge["word"] in ("Live", "Idle", "Finished"))
        if page in fetched:
            world.fetch(*fetched[page])
        if page == "statistics":  # once all its tables are there
            world.until(lambda: len(world.files()) == 8)
        served += [world.get(file) for file in world.files()]
    assert Counter(b"JOB START" in one for one in served) == {True: 1, False: 10}
    for path in ("health", "host-config", "metrics", "script-health-check", "agent/openapi.json"):
        served.append(world.get(f"/_stcore/{path}"))
    kept = [file.read_bytes() for file in world.folder.glob("history*")]
    assert any(file.startswith(b"SQLite") for file in kept)
    arguments = Path(f"/proc/{world.process.pid}/cmdline").read_bytes()
    assert not leaks(b"\n".join([*served, *kept, arguments]))


def test_the_token_goes_to_vpo_alone_and_nothing_else_is_taken_for_it(world: World) -> None:
    world.vpo.mode = "good"
    world.open("")
    world.until(lambda: bool(world.vpo.asked))
    login = f"Basic {base64.b64encode(f'vpo-monitor:{TOKEN}'.encode()).decode()}"
    assert {headers.get("Authorization") for _, headers in world.vpo.asked} == {login}


def test_every_logger_told_all_it_knew(world: World) -> None:
    assert "DEBUG:urllib3.connectionpool:" in world.log
    assert "Registered component" in world.log
    assert "Failed to load secrets" in world.log


def test_a_secret_is_recognised_however_it_is_spelled() -> None:
    for secret in (TOKEN, PASSWORD):
        octets = secret.encode()
        spelled = [secret, secret[9:20], repr(secret), ascii(secret), json.dumps(secret)]
        spelled += [repr(octets), octets.hex(), quote(secret, safe=""), html.escape(secret)]
        for before in (b"", b"a", b"ab", b"vpo-monitor:"):
            spelled.append(base64.b64encode(before + octets + b"c").decode())
        for one in spelled:
            assert leaks(f"said {one} in a log with \\x, {{}} and %")
    assert not leaks("nothing of the kind")
