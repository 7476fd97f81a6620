"""Turns this process into Streamlit."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn

from vpo_monitor.settings_sources import SOURCES


def become_streamlit(arguments: Sequence[str]) -> NoReturn:
    """Go on as Streamlit with these arguments, under the same process id where a system can that.

    Windows would give the prompt back at once, and leave Streamlit behind it: there this process
    waits for it, and ends with its exit status. The current folder is no place for modules: a
    random.py that lies there is not ours.
    """
    command = [sys.executable, "-P", "-m", "streamlit", *arguments]
    if sys.platform == "win32":
        sys.exit(_wait_for(command))
    os.execv(sys.executable, command)  # noqa: S606 - ourselves


def secrets_options() -> list[str]:
    """Options that have Streamlit's own login read the files that the settings are read from."""
    return [f"--secrets.files={file}" for file in SOURCES.files()]


def _wait_for(command: Sequence[str]) -> int:
    with subprocess.Popen(command) as process:  # noqa: S603 - ourselves
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the console tells both, and Streamlit ends by itself
                continue
