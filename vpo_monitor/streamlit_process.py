"""Replace this process with Streamlit."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn


def become_streamlit(arguments: Sequence[str]) -> NoReturn:
    """Run Streamlit with these arguments, keeping the process id where the system supports it.

    On Windows the shell would show its prompt at once while Streamlit continues to run. This
    process therefore waits there for Streamlit and exits with its status. The current directory is
    removed from the module path, so that a random.py in it is not imported.
    """
    command = [sys.executable, "-P", "-m", "streamlit", *arguments]
    if sys.platform == "win32":
        sys.exit(_wait_for(command))
    os.execv(sys.executable, command)  # noqa: S606 - runs Streamlit


def _wait_for(command: Sequence[str]) -> int:
    with subprocess.Popen(command) as process:  # noqa: S603 - runs Streamlit
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the console signals both; Streamlit exits by itself
                continue
