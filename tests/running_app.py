"""The app in a process of its own that need not load Streamlit and pandas first.

A server of forks (`multiprocessing`) has loaded them once, with all of VPO Monitor but its views,
which need a running Streamlit; what a test starts is a copy of it.
"""

import contextlib
import multiprocessing
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import vpo_monitor
from bench.running_app import free_port, wait_until_up
from tests.start_app import start_app

_ROOT = Path(__file__).parents[1]
_WITHOUT_VIEWS = [
    module.name
    for module in pkgutil.walk_packages(vpo_monitor.__path__, "vpo_monitor.", lambda _name: None)
    if not re.search(r"\.(views|share|cli|recording|_app)\b|__main__", module.name)
]
_LIBRARIES = [
    *("streamlit.web.cli", "streamlit.web.bootstrap", "pandas", "altair", "uvicorn"),
    *_WITHOUT_VIEWS,
]


@contextlib.contextmanager
def running_app(port: int | None = None, /, **settings: str) -> Iterator[int]:
    """Start the app with these environment settings and give its port on 127.0.0.1."""
    port = port or free_port()
    arguments = ["run", "app.py", f"--server.port={port}", "--server.headless=true"]
    with _started(arguments, settings, port):
        yield port


@contextlib.contextmanager
def shared_app(**settings: str) -> Iterator[int]:
    """Start it as `make share` does, but on an address that every machine has."""
    port = free_port()
    with _started(["share", "--address=127.0.0.1", f"--port={port}"], settings, port):
        yield port


def url_of(port: int, settings: Mapping[str, str]) -> str:
    """The address of an app with these settings."""
    below = settings.get("STREAMLIT_SERVER_BASE_URL_PATH")
    return f"http://127.0.0.1:{port}" + (f"/{below}" if below else "")


@contextlib.contextmanager
def _started(arguments: Sequence[str], settings: Mapping[str, str], port: int) -> Iterator[None]:
    """The app, once it answers; TimeoutError with its output if it does not within 30 s."""
    start = _forked if "forkserver" in multiprocessing.get_all_start_methods() else _new
    with (
        tempfile.NamedTemporaryFile() as output,
        start(arguments, _environment(settings), output.name),
    ):
        try:
            wait_until_up(f"{url_of(port, settings)}/healthz")
        except TimeoutError as error:
            error.add_note(Path(output.name).read_text("utf-8", "replace"))
            raise
        yield


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    own = {"VPO_MONITOR_HISTORY": "off", "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none"}
    return {**os.environ, **own, **settings}


@contextlib.contextmanager
def _new(arguments: Sequence[str], environment: Mapping[str, str], output: str) -> Iterator[None]:
    with Path(output).open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.start_app", *arguments],
            cwd=_ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _forked(
    arguments: Sequence[str], environment: Mapping[str, str], output: str
) -> Iterator[None]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LIBRARIES)
    process = context.Process(target=_run, args=(arguments, environment, output))
    with _nothing_as_main():
        process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()
        process.close()


@contextlib.contextmanager
def _nothing_as_main() -> Iterator[None]:
    """Else it would run first what is the main module here: after an `AppTest` a page."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run(arguments: Sequence[str], environment: Mapping[str, str], output: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(_ROOT)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    written = os.open(output, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(written, stream)
    start_app(arguments)
