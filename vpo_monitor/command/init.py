"""Create a commented settings file where the app reads its own: `vpo-monitor init`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vpo_monitor.app_files import EXAMPLE_SETTINGS
from vpo_monitor.config import SOURCES
from vpo_monitor.plain_text import plain_line

_DESCRIPTION = (
    "Write a commented settings file for you to edit, readable by you alone, and print its path. "
    "An existing file is never changed. The exit status is 0 if the file was written, otherwise 1."
)


class CannotWrite(Exception):
    """The file was not written; `str()` is a sentence that says why."""


def main(arguments: Sequence[str], program: str) -> int:
    """Create the file and print its path. Return 1 with a message if that fails."""
    argparse.ArgumentParser(prog=program, description=_DESCRIPTION).parse_args(arguments)
    file = SOURCES.own_file
    try:
        write_settings(file)
    except CannotWrite as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Wrote {plain_line(str(file))}. Edit it, then restart the app.")
    return 0


def write_settings(file: Path) -> None:
    """Create the file with mode 0600, and its parent directories. Raises CannotWrite."""
    shown = plain_line(str(file))
    if file.is_dir():
        raise CannotWrite(f"{shown} is a directory: move it away, then try again.")
    content = EXAMPLE_SETTINGS.read_bytes()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        folder = plain_line(str(file.parent))
        raise CannotWrite(f"{folder} cannot be created: {_why(error)}.") from error
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CannotWrite(f"{shown} already exists and was not changed.") from error
    except OSError as error:
        raise CannotWrite(f"{shown} cannot be created: {_why(error)}.") from error
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise CannotWrite(f"{shown} cannot be written: {_why(error)}.") from error


def _why(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
