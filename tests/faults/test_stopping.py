"""The app and the demo stop when they are told to, whatever hangs at that moment."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import streamlit

from bench.running_app import free_port, wait_until_up
from bench.scripted_viewer import Viewer
from tests.vpo_server import Fault, start

_LIMIT = 3.0
_LARGE_FILE = (
    "/static/js/"
    + max(
        (Path(streamlit.__file__).parent / "static" / "static" / "js").iterdir(),
        key=lambda file: file.stat().st_size,
    ).name
)
_UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
_PATIENCE = 20.0
# Uvicorn raises the signal again once all is closed, and Streamlit's command line takes Ctrl-C
# for an abort, unless a script started it in the background: then Ctrl-C is no concern of it.
# Service managers take neither for a failure of an app that they have stopped.
_APP_ENDS_WITH = {signal.SIGTERM: (-signal.SIGTERM,), signal.SIGINT: (0, 1)}

# The app without a VPO, so with an embedded server, whose database is held from the start.
_DEMO_APP = """
import sys
from tests.start_app import start_app
from tests.vpo_server import Fault, start
from vpo_monitor import demo
def held():
    server = start()
    server.faults.set(Fault.DATABASE_LOCKED)
    return server
demo.start = held
start_app(sys.argv[1:])
"""
_HANGING_DEMO = """
import sys
from vpo_monitor.demo import __main__ as demo
from vpo_monitor.demo.api import Api
import threading
Api.jobs = lambda *_: threading.Event().wait()
sys.exit(demo.main(["--port=0"]))
"""


def until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < give_up_at, "it never came"
        threading.Event().wait(0.02)


@contextlib.contextmanager
def running(folder: Path, *command: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A process whose standard error is the file `said` in the folder."""
    with (
        (folder / "said").open("w") as said,
        subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "TMPDIR": str(folder), **environment},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def asleep(port: int, path: str, headers: str = "") -> Iterator[None]:
    """A browser that has asked for something, and does not take what comes."""
    with socket.socket() as browser:
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        browser.connect(("127.0.0.1", port))
        browser.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        assert browser.recv(12).startswith(b"HTTP/1.1 ")
        yield


def stop(
    process: "subprocess.Popen[str]",
    how: signal.Signals,
    folder: Path,
    *,
    status: tuple[int, ...] = (0,),
) -> None:
    """Tell the process to stop, and see that it does so in time, well and with nothing left."""
    process.send_signal(how)
    begun = time.monotonic()
    code = process.wait(_PATIENCE)
    assert time.monotonic() - begun < _LIMIT
    assert code in status
    said = (folder / "said").read_text("utf-8")
    assert "Traceback" not in said
    assert "Exception" not in said
    assert not list(folder.glob("vpo-server-*"))


def stop_app(process: "subprocess.Popen[str]", how: signal.Signals, folder: Path) -> None:
    stop(process, how, folder, status=_APP_ENDS_WITH[how])


@pytest.mark.long
def test_the_app_stops_while_viewers_look_and_a_fetch_hangs_and_nobody_reads_what_it_says(
    tmp_path: Path,
) -> None:
    history = tmp_path / "history.sqlite3"
    port = free_port()
    command = ("-m", "tests.start_app", "run", "app.py", "--server.headless=true")
    with (
        start(worker=False, history=20) as server,
        running(
            tmp_path,
            *(*command, f"--server.port={port}", "--server.fileWatcherType=none"),
            VPO_MONITOR_API_URL=server.url,
            VPO_MONITOR_HISTORY=str(history),
        ) as process,
    ):
        wait_until_up(f"http://127.0.0.1:{port}/healthz")
        with Viewer(port) as first, Viewer(port) as second:
            first.open()
            until(lambda: first.tick() and bool(first.badge["word"] != "Connecting"))
            server.faults.set(Fault.DATABASE_LOCKED)
            second.open("jobs", "search=something")
            until(lambda: any(request.status is None for request in server.requests))
            assert process.stdout is not None
            process.stdout.close()
            with asleep(port, _LARGE_FILE), asleep(port, "/_stcore/stream", _UPGRADE):
                stop_app(process, signal.SIGTERM, tmp_path)
    with contextlib.closing(sqlite3.connect(history)) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert kept.execute("SELECT COUNT(*) FROM jobs").fetchone()[0] > 0


def test_the_app_stops_with_the_demo_in_it(tmp_path: Path) -> None:
    port = free_port()
    flags = ("run", "app.py", "--server.headless=true", "--server.fileWatcherType=none")
    with running(tmp_path, "-c", _DEMO_APP, *flags, f"--server.port={port}") as process:
        wait_until_up(f"http://127.0.0.1:{port}/healthz")
        with Viewer(port) as viewer:
            viewer.open("jobs")
            assert list(tmp_path.glob("vpo-server-*"))
            stop_app(process, signal.SIGINT, tmp_path)


@pytest.mark.parametrize(
    "how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]
)
def test_the_demo_stops_while_a_request_hangs(how: signal.Signals, tmp_path: Path) -> None:
    with running(tmp_path, "-c", _HANGING_DEMO) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        begun = threading.Event()

        def ask() -> None:
            with contextlib.suppress(requests.RequestException), requests.Session() as session:
                session.get(f"{url}/health")
                begun.set()
                session.get(f"{url}/api/jobs", timeout=_PATIENCE)

        asking = threading.Thread(target=ask)
        asking.start()
        assert begun.wait(_PATIENCE)
        stop(process, how, tmp_path)
        asking.join()
