"""The app in a process of its own, for measurements."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

_STARTUP_SECONDS = 30


@contextlib.contextmanager
def running_app(**settings: str) -> Iterator[int]:
    """Start the app with these environment settings and give its port on 127.0.0.1."""
    with running_process(**settings) as (port, _process):
        yield port


@contextlib.contextmanager
def running_process(**settings: str) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """The same with the process, which may be ended before."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
        env={**os.environ, "VPO_MONITOR_HISTORY": "off", **settings},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/_stcore/health")
        yield port, process
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_up(url: str) -> None:
    """Return once the address answers; TimeoutError where it does not within 30 s."""
    give_up_at = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < give_up_at:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return
        time.sleep(0.1)
    raise TimeoutError("the app does not answer")
