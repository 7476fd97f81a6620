"""Test a wheel as a user would: `python -m scripts.try_wheel WHEEL`, which `make dist` runs.

It is installed in an empty environment and run with empty home and current directories. It must
write its settings file, check its settings and show the demo.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

from bench.running_app import free_port, is_free, wait_until_up
from bench.scripted_viewer import Viewer

_CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
_DEMO = b"demo-banner"
"""The key of the banner for sample data."""
_VPO_PORT = 8321
_FROM_OUTSIDE = ("VPO_MONITOR_", "STREAMLIT_", "XDG_", "PYTHONPATH")


def main() -> None:
    """Test the given wheel; exit with status 1 and a message if it does not work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel.resolve()
    if not is_free(_VPO_PORT):
        sys.exit(f"Port {_VPO_PORT} is in use, so the app would not open the demo. Free it first.")
    with tempfile.TemporaryDirectory(prefix="vpo-monitor-wheel-") as folder:
        Trial(Path(folder)).run(wheel)
    print(f"{wheel.name} works.")


class Trial:
    """An empty environment, with empty home and current directories."""

    def __init__(self, folder: Path) -> None:
        self._environment = folder / "environment"
        self._home, self._current = folder / "home", folder / "current"
        self._home.mkdir()
        self._current.mkdir()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_FROM_OUTSIDE)}
        self._variables = {**kept, "HOME": str(self._home), "USERPROFILE": str(self._home)}

    def run(self, wheel: Path) -> None:
        """Install the wheel and run each command of a new user."""
        venv.create(self._environment, with_pip=True)
        self._pip("install", "--quiet", "--constraint", str(_CONSTRAINTS), str(wheel))
        self._pip("check")
        self._vpo_monitor("--version")
        self._vpo_monitor("check", status=1)  # reports that there is no VPO
        self._vpo_monitor("init")
        self._vpo_monitor("init", status=1)  # never overwrites the file
        self._vpo_monitor("check", status=1)
        with self._running() as port:
            told: list[bytes] = []
            with Viewer(port, told.append) as viewer:
                viewer.open()
        if not any(_DEMO in message for message in told):
            sys.exit("'vpo-monitor run' did not open the demo.")
        print("$ vpo-monitor run\nThe demo is open.", flush=True)

    def _pip(self, *words: str) -> None:
        command = [str(self._program("python")), "-m", "pip", *words]
        subprocess.run(command, check=True, cwd=self._current)  # with the machine's pip settings

    def _vpo_monitor(self, *words: str, status: int = 0) -> None:
        print("$ vpo-monitor", *words, flush=True)
        ended = subprocess.run(
            [self._program("vpo-monitor"), *words],
            check=False,
            cwd=self._current,
            env=self._variables,
        )
        if ended.returncode != status:
            sys.exit(f"The exit status is {ended.returncode} instead of {status}.")

    @contextlib.contextmanager
    def _running(self) -> Iterator[int]:
        port = free_port()
        process = subprocess.Popen(
            [self._program("vpo-monitor"), "run", f"--port={port}", "--server.headless=true"],
            cwd=self._current,
            env=self._variables,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/healthz")
            yield port
        finally:
            process.terminate()
            process.wait()

    def _program(self, name: str) -> Path:
        return self._environment / ("Scripts" if os.name == "nt" else "bin") / name


if __name__ == "__main__":
    main()
