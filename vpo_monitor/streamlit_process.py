"""Turns this process into Streamlit."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def become_streamlit(arguments: Sequence[str]) -> NoReturn:
    """Go on as Streamlit with these arguments, under the same process id.

    The current folder is no place for modules: a random.py that lies there is not ours.
    """
    python = [sys.executable, "-P", "-m", "streamlit"]
    os.execv(sys.executable, [*python, *arguments])  # noqa: S606 - ourselves
