"""What pip installs is the whole app, and works from any folder."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import Config
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bench.running_app import free_port, wait_until_up
from bench.scripted_viewer import Viewer
from tests.vpo_server import VpoServer, start
from vpo_monitor import __version__

_ROOT = Path(__file__).parents[2]
_PROJECT: dict[str, Any] = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
_NEEDED = (
    *("pyproject.toml", "README.md", "LICENSE", "app.py", "pages", ".streamlit", "vpo_monitor"),
)
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
_OFFLINE = ("--no-deps", "--no-build-isolation", "--no-index")
_SECRET = "[vpo_monitor]\npassword = 'canary'\n"


def required(name: str) -> list[str]:
    """What a file of requirements asks for, without its comments."""
    lines = [line.partition("#")[0].strip() for line in (_ROOT / name).read_text().splitlines()]
    return [line for line in lines if line and not line.startswith("-r")]


def test_the_package_needs_what_the_requirements_say() -> None:
    assert _PROJECT["dependencies"] == required("requirements.txt")


def test_what_is_optional_is_tested_at_the_same_versions() -> None:
    extras = [one for extra in _PROJECT["optional-dependencies"].values() for one in extra]
    assert len(extras) == 4
    assert set(extras) <= set(required("requirements-dev.txt"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built of a copy that has nothing but what that takes, and secrets in it."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in _NEEDED:
        copy = shutil.copytree if (_ROOT / name).is_dir() else shutil.copy
        copy(_ROOT / name, source / name)
    (source / ".streamlit" / "secrets.toml").write_text(_SECRET)
    subprocess.run([*_PIP, "wheel", *_OFFLINE, "--wheel-dir", built, source], check=True)
    (made,) = built.iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which pip has installed it."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([*_PIP, "install", *_OFFLINE, "--target", folder, wheel], check=True)
    return folder


def test_the_wheel_holds_all_that_the_app_needs_and_nothing_else(wheel: Path) -> None:
    def files(folder: str) -> set[str]:
        found = (_ROOT / folder).rglob("*")
        paths = {path.relative_to(_ROOT) for path in found if path.is_file()}
        return {path.as_posix() for path in paths if "__pycache__" not in path.parts}

    run_by_streamlit = {
        *("app.py", ".streamlit/config.toml", ".streamlit/secrets.toml.example"),
        *files("pages"),
    }
    expected = files("vpo_monitor") | {f"vpo_monitor/_app/{name}" for name in run_by_streamlit}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert f"-{__version__}-" in wheel.name


def test_the_wheel_names_its_licence_and_holds_its_text(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = BytesParser().parsebytes(archive.read(folder))
        held = archive.read(folder.replace("METADATA", "licenses/LICENSE"))
    assert metadata["License-Expression"] == "MIT"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert held == (_ROOT / "LICENSE").read_bytes()


@pytest.mark.long
def test_the_command_is_on_the_path(installed: Path, tmp_path: Path) -> None:
    told = subprocess.run(
        [installed / "bin" / "vpo-monitor", "--version"],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == f"vpo-monitor {__version__}\n"


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=10, seed=1) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, server: VpoServer) -> Path:
    """A current folder with secrets for the app, and what must not concern it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / ".streamlit").mkdir()
    secrets = f"[vpo_monitor]\napi_url = '{server.url}'\nhistory = 'off'\n"
    (folder / ".streamlit" / "secrets.toml").write_text(secrets)
    (folder / ".streamlit" / "config.toml").write_text(
        "[server]\naddress = '0.0.0.0'\nallowedHosts = ['*']\n"
        "[client]\ntoolbarMode = 'developer'\n[browser]\ngatherUsageStats = true\n"
    )
    (folder / "random.py").write_text("raise SystemExit('a module of the current folder')\n")
    return folder


def environment(installed: Path, home: Path) -> dict[str, str]:
    """That of a user with this home, who has nothing set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VPO_MONITOR_", "XDG_"))}
    return {**kept, "PYTHONPATH": str(installed), "HOME": str(home)}


@contextlib.contextmanager
def running(installed: Path, folder: Path, home: Path) -> Iterator[int]:
    """Start the installed app in that folder, and give its port."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(installed / "bin" / "vpo-monitor", "run", f"--port={port}"),
            *("--server.headless", "true"),
        ],
        env=environment(installed, home),
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def port(installed: Path, folder: Path) -> Iterator[int]:
    """Where the installed app listens, started in that folder."""
    with running(installed, folder, folder) as port:
        yield port


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the directory has another name elsewhere")
def test_what_init_writes_is_read_by_the_app_and_its_login(installed: Path, tmp_path: Path) -> None:
    subprocess.run(
        [installed / "bin" / "vpo-monitor", "init"],
        env=environment(installed, tmp_path),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    file = tmp_path / ".config" / "vpo-monitor" / "secrets.toml"
    file.write_text(
        file.read_text("utf-8").replace("# allowed_emails = []", 'allowed_emails = ["*"]')
        + "[auth]\nredirect_uri = 'http://127.0.0.1:1/oauth2callback'\n"
        "cookie_secret = 'made up'\nclient_id = 'made up'\nclient_secret = 'made up'\n"
        "server_metadata_url = 'http://127.0.0.1:1/.well-known/openid-configuration'\n"
    )
    with (
        running(installed, tmp_path, tmp_path) as port,
        urllib.request.urlopen(f"http://127.0.0.1:{port}/login") as answer,
    ):
        assert b"Log in with your account" in answer.read()


@pytest.mark.long
def test_it_serves_its_pages_from_any_folder_with_the_secrets_of_that(
    port: int, server: VpoServer
) -> None:
    told: list[ForwardMsg] = []
    with Viewer(port, lambda body: told.append(ForwardMsg.FromString(body))) as viewer:
        viewer.open("jobs")
        shown = "".join(str(delta) for delta in viewer.all("heading"))
    assert 'body: "Jobs"' in shown
    assert "/api/jobs" in {request.path for request in server.requests}


@pytest.mark.long
def test_its_own_settings_are_in_force_and_not_those_of_the_folder(port: int) -> None:
    configs: list[Config] = []

    def hear(body: bytes) -> None:
        message = ForwardMsg.FromString(body)
        if message.WhichOneof("type") == "new_session":
            configs.append(message.new_session.config)

    with Viewer(port, hear) as viewer:
        viewer.open()
    assert configs
    assert configs[0].toolbar_mode == Config.ToolbarMode.MINIMAL
    assert not configs[0].gather_usage_stats


@pytest.mark.long
def test_other_host_names_get_nothing(port: int) -> None:
    with (
        socket.create_connection(("127.0.0.1", port)) as way,
        pytest.raises(InvalidStatus, match="403"),
        connect("ws://elsewhere.test/_stcore/stream", sock=way),
    ):
        raise AssertionError("it was let in")
