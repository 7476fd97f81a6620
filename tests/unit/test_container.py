"""The container's image, by what its Dockerfile says: taken step by step, without a container."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
import yaml
from websockets.exceptions import InvalidStatus

from bench.running_app import free_port, wait_until_up
from bench.scripted_viewer import Viewer, log_in
from tests.vpo_server import VpoServer, start

_ROOT = Path(__file__).parents[2]
_PASSWORD = "open sesame, please"
_INSTALL = (
    *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"),
    *("--no-deps", "--no-build-isolation", "--no-index"),
)


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction with what follows it, in their order; over several lines or one."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    words = [line.split(None, 1) for line in joined.splitlines()]
    return [(name, rest.strip()) for name, rest in words]


_STEPS = instructions((_ROOT / "Dockerfile").read_text("utf-8"))
_LAST = max(place for place, (name, _rest) in enumerate(_STEPS) if name == "FROM")
_BUILD, _IMAGE = _STEPS[:_LAST], _STEPS[_LAST:]


def of_image(name: str) -> str:
    """What the image says last for an instruction."""
    return [rest for one, rest in _IMAGE if one == name][-1]


def copied() -> list[str]:
    """The files and folders that are copied into the image's making."""
    words = [rest.split() for name, rest in _BUILD if name == "COPY"]
    return [source for one in words for source in one[:-1]]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file out: the last line that is for it or a folder of its."""
    tries = [path, *map(str, PurePosixPath(path).parents)]
    ignored = False
    for line in (_ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        patterns = (pattern, pattern.removeprefix("**/"), pattern.replace("**/", "*/"))
        if any(fnmatch.fnmatchcase(one, each) for one in tries for each in patterns):
            ignored = not line.startswith("!")
    return ignored


def test_every_file_that_is_copied_is_there_and_not_ignored() -> None:
    sources = copied()
    assert len(sources) == 9
    for source in sources:
        assert (_ROOT / source).exists(), source
        assert not is_ignored(source), source


@pytest.mark.parametrize(
    "path",
    [
        ".streamlit/secrets.toml",
        ".env",
        ".git/config",
        ".venv/pyvenv.cfg",
        "history.sqlite3",
        "tests/secret_leaks.py",
        "vpo_monitor/__pycache__/config.cpython-311.pyc",
    ],
)
def test_nothing_else_comes_near_it(path: str) -> None:
    assert is_ignored(path)


def test_it_does_not_run_as_root() -> None:
    user, _, group = of_image("USER").partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_history_is_kept_in_the_volume_which_is_its_users() -> None:
    volume = of_image("VOLUME")
    assert PurePosixPath(variables()["VPO_MONITOR_HISTORY"]).parent == PurePosixPath(volume)
    user, _, group = of_image("USER").partition(":")
    assert f"-m 700 -o {user} -g {group} {volume}" in of_image("RUN")


def test_compose_gives_it_a_login_and_no_right_that_it_does_not_need() -> None:
    services = yaml.safe_load((_ROOT / "compose.yaml").read_text("utf-8"))["services"]
    (service,) = services.values()
    assert json.loads(of_image("ENTRYPOINT")) == ["vpo-monitor"]
    assert service["command"][0] == "share"  # which refuses to open without a login
    assert "--no-password" not in service["command"]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def variables() -> dict[str, str]:
    """The environment that the image sets."""
    return dict(word.split("=", 1) for word in shlex.split(of_image("ENV")))


@dataclass(frozen=True)
class Image:
    """What the image would hold, in plain folders below `root`."""

    root: Path

    def place(self, path: str) -> Path:
        """Where a folder of the image is."""
        return self.root / path.lstrip("/")

    def environment(self, **more: str) -> dict[str, str]:
        """The image's, and Python's way to what was installed, which there is a whole one."""
        held = variables()
        placed = {
            name: str(self.place(value)) if value.startswith("/") else value
            for name, value in held.items()
        }
        program = self.place(held["PATH"].partition(":")[0])
        path = f"{program}:{os.environ['PATH']}"
        return {**placed, "PATH": path, "PYTHONPATH": str(program.parent), **more}

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start it as `docker run` does, with these arguments in place of its own."""
        return subprocess.Popen(
            [*json.loads(of_image("ENTRYPOINT")), *arguments],
            cwd=self.place(of_image("WORKDIR")),
            env=self.environment(**more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def health(self, port: int) -> int:
        """The status of the health check, asked at this port instead."""
        words = json.loads(of_image("HEALTHCHECK").partition("CMD ")[2])
        assert words[0] == "python"
        own = f":{of_image('EXPOSE')}/"
        assert own in words[-1]
        command = [sys.executable, *words[1:-1], words[-1].replace(own, f":{port}/")]
        ended = subprocess.run(command, check=False, capture_output=True, timeout=30)
        return ended.returncode

    def files(self) -> dict[str, tuple[int, int]]:
        """Each file that is nobody's to change, with its size and time."""
        fixed = [self.place(path) for path in ("/opt", "/etc")]
        found = [path for folder in fixed for path in folder.rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The steps of the Dockerfile, with pip at hand in place of the one there."""
    source, image = tmp_path_factory.mktemp("source"), Image(tmp_path_factory.mktemp("image"))
    for name in copied():
        (source / name).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (_ROOT / name).is_dir() else shutil.copy
        copy(_ROOT / name, source / name)
    venv = next(rest.split()[-1] for name, rest in _IMAGE if name == "COPY")
    subprocess.run([*_INSTALL, "--target", image.place(venv), source], check=True)
    for folder in ("/tmp", of_image("VOLUME"), of_image("WORKDIR")):  # noqa: S108 - in the image
        image.place(folder).mkdir(parents=True)
    return image


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=10, seed=1) as running:
        yield running


@pytest.mark.long
def test_without_a_password_it_does_not_start(image: Image) -> None:
    own = json.loads(of_image("CMD"))
    with image.start(*own, "--name=nas", f"--port={free_port()}") as process:
        _out, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "VPO Monitor is not shared. No password is set." in said


@pytest.mark.long
def test_without_a_name_it_does_not_start(image: Image) -> None:
    own = json.loads(of_image("CMD"))
    more = {"VPO_MONITOR_PASSWORD": _PASSWORD}
    with image.start(*own, f"--port={free_port()}", **more) as process:
        _out, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Add --name" in said


@pytest.mark.long
def test_it_serves_behind_its_login_and_writes_only_where_it_may(
    image: Image, server: VpoServer
) -> None:
    port, before = free_port(), image.files()
    history = Path(image.environment()["VPO_MONITOR_HISTORY"])
    assert image.health(port) == 1
    process = image.start(
        *json.loads(of_image("CMD")),
        *("--name=127.0.0.1", f"--port={port}"),
        VPO_MONITOR_PASSWORD=_PASSWORD,
        VPO_MONITOR_API_URL=server.url,
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/healthz")
        assert image.health(port) == 0
        with pytest.raises(InvalidStatus, match="403"):
            Viewer(port)
        assert not server.requests
        with Viewer(port, cookie=log_in(port, _PASSWORD)) as viewer:
            viewer.open()
        assert history.is_file()
        assert server.requests
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert image.files() == before
