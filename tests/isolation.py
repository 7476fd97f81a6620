"""Keeps the developer's machine out of the tests: its settings, files, language and listeners."""

import os
from pathlib import Path

NOBODY_LISTENS = "http://127.0.0.1:1"
"""The address where tests look for a VPO if none is set: they find none."""
_CLEARED = ("VPO_MONITOR_", "STREAMLIT_", "LC_", "XDG_")


def isolate_environment(home: str) -> None:
    """Have this process, and all that it starts, see an empty home folder, UTC and no settings."""
    for name in list(os.environ):
        if name.startswith(_CLEARED) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.pop("LANGUAGE", None)
    os.environ |= {"HOME": home, "USERPROFILE": home, "LANG": "C.UTF-8", "TZ": "UTC"}


def isolate_sources() -> None:
    """Have this process read secrets from the home folder alone, and find no VPO by itself."""
    from vpo_monitor.config import SOURCES  # not before it is needed

    SOURCES.files = lambda: (secrets_file(),)
    SOURCES.default_address = NOBODY_LISTENS


def secrets_file() -> Path:
    """The only file of secrets that an isolated process reads."""
    return Path.home() / ".streamlit" / "secrets.toml"
