"""`vpo-monitor init` writes the example of settings once, and says plainly why it does not."""

import os
import stat
from pathlib import Path
from typing import NoReturn

import pytest

from vpo_monitor import cli
from vpo_monitor.app_files import EXAMPLE_SETTINGS
from vpo_monitor.config import SOURCES


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the app reads its own settings: in a directory that is not there yet."""
    file = tmp_path / "config" / "vpo-monitor" / "secrets.toml"
    monkeypatch.setattr(SOURCES, "files", lambda: (tmp_path / "other.toml", file))
    return file


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """What it prints where it exits with 1."""
    assert cli.main(["init"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def test_it_writes_the_example_for_this_user_alone_and_prints_its_path(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["init"]) == 0
    assert file.read_bytes() == EXAMPLE_SETTINGS.read_bytes()
    assert str(file) in capsys.readouterr().out
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_it_never_overwrites_a_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    assert f"{file} already exists" in refusal(capsys)
    assert file.read_text() == "mine"


def test_it_does_not_write_through_a_link(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.mkdir(parents=True)
    file.symlink_to(tmp_path / "target")
    assert f"{file} already exists" in refusal(capsys)
    assert not (tmp_path / "target").exists()


def test_a_directory_in_its_place_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.mkdir(parents=True)
    assert f"{file} is a directory" in refusal(capsys)


def test_a_file_in_place_of_its_directory_is_named(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.parent.mkdir()
    file.parent.write_text("mine")
    assert f"{file.parent} cannot be created" in refusal(capsys)


def test_a_directory_that_cannot_be_written_is_said(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_arguments: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("vpo_monitor.cli.os.open", refuse)  # root may write anywhere
    assert f"{file} cannot be created: permission denied." in refusal(capsys)


def test_a_full_disk_leaves_no_part_of_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(descriptor: int, _mode: str) -> NoReturn:
        os.close(descriptor)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vpo_monitor.cli.os.fdopen", refuse)
    assert f"{file} cannot be written: no space left on device." in refusal(capsys)
    assert not file.exists()
