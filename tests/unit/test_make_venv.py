"""`scripts/make-venv` says that it is at work, as what follows is silent for a minute or two."""

import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).parents[2] / "scripts" / "make-venv"


def made(folder: Path, python: str) -> "subprocess.CompletedProcess[str]":
    command = [str(_SCRIPT), str(folder), python]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_says_before_it_begins_what_it_makes_and_how_long_that_takes(tmp_path: Path) -> None:
    python = tmp_path / "python"  # says that it has all that is asked for, and what it was told
    python.write_text('#!/bin/sh\necho "told $*" >&2\n')
    python.chmod(0o755)
    ended = made(tmp_path / "venv", str(python))
    assert ended.returncode == 0
    *_asked, says, makes = ended.stderr.splitlines()
    assert says == f"Setting up {tmp_path}/venv, which takes a minute or two, once …"
    assert makes == f"told -m venv {tmp_path}/venv"


def test_where_there_is_no_python_it_says_that_alone(tmp_path: Path) -> None:
    ended = made(tmp_path / "venv", "python-that-is-not-there")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "Install Python 3.11 or newer" in ended.stderr
