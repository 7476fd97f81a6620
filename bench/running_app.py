"""The app, or the page that it is compared with, in a process of its own, for measurements."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_STARTUP_SECONDS = 30
_ROOT = Path(__file__).parents[1]
_BASELINE = Path(__file__).with_name("baseline")
_FLOOR = _BASELINE / "floor.py"


@dataclass(frozen=True)
class RunningApp:
    """An app that answers on `port` of this machine; `page` is the path of its list of jobs."""

    port: int
    page: str
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def processor_seconds(self) -> float:
        """What it has taken of a processor since it was started."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        user, system = int(told[11]), int(told[12])
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """What it holds in memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextlib.contextmanager
def started(kind: str = "app", **settings: str) -> Iterator[RunningApp]:
    """Start the `app`, or the `baseline` with Streamlit's own settings, with this environment.

    The `floor` is the least page with a live table, with the settings of the app.
    """
    port, is_app = free_port(), kind == "app"
    script = str(_FLOOR) if kind == "floor" else "app.py"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"),
            # What has nothing to do with the cost of a page, but would open a browser or call out.
            *("--server.headless=true", "--browser.gatherUsageStats=false"),
            "--server.address=127.0.0.1",
        ],
        cwd=_BASELINE if kind == "baseline" else _ROOT,
        env={**os.environ, "VPO_MONITOR_HISTORY": "off", **settings},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/_stcore/health")
        yield RunningApp(port, "jobs" if is_app else "", process)
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def running_app(**settings: str) -> Iterator[int]:
    """Start the app with these environment settings and give its port on 127.0.0.1."""
    with started(**settings) as app:
        yield app.port


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until_up(url: str) -> None:
    """Return once the address answers; TimeoutError where it does not within 30 s."""
    give_up_at = time.monotonic() + _STARTUP_SECONDS
    while time.monotonic() < give_up_at:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310
            return
        time.sleep(0.1)
    raise TimeoutError("the app does not answer")
