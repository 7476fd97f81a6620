"""Where the files are that Streamlit runs: in a clone beside this package, installed within it."""

from pathlib import Path

_INSTALLED = Path(__file__).with_name("_app")

APP_FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[1]
"""Holds app.py, pages/ and .streamlit/, where Streamlit reads config.toml from any folder."""
APP = APP_FOLDER / "app.py"
