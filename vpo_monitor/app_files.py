"""Where the files are that Streamlit runs: in a clone beside this package, installed within it."""

from pathlib import Path

_INSTALLED = Path(__file__).with_name("_app")

IS_INSTALLED = _INSTALLED.is_dir()
"""False in a clone, also if pip has linked the clone (`pip install -e .`)."""
APP_FOLDER = _INSTALLED if IS_INSTALLED else Path(__file__).parents[1]
"""Holds app.py, pages/ and .streamlit/, where Streamlit reads config.toml from any folder."""
APP = APP_FOLDER / "app.py"
INIT_COMMAND = "vpo-monitor init" if IS_INSTALLED else "make init"
"""Writes the example below to where the app reads its own settings."""
EXAMPLE_SETTINGS = APP_FOLDER / ".streamlit" / "secrets.toml.example"
