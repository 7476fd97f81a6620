"""The location of the files that Streamlit runs, in a clone or an installed package."""

from pathlib import Path

_INSTALLED = Path(__file__).with_name("_app")

IS_INSTALLED = _INSTALLED.is_dir()
"""False in a clone, also if pip has linked the clone (`pip install -e .`)."""
APP_FOLDER = _INSTALLED if IS_INSTALLED else Path(__file__).parents[1]
"""The directory of app.py, pages/ and .streamlit/, whose config.toml Streamlit always reads."""
APP = APP_FOLDER / "app.py"
PAGES_FOLDER = APP_FOLDER / "pages"
STYLESHEET = Path(__file__).parent / "views" / "frontend" / "page.css"
MAIN_SCRIPT = Path(__file__).parent / "views" / "main.py"
"""What Streamlit runs for each viewer: the frame of every page, then the page."""
INIT_COMMAND = "vpo-monitor init" if IS_INSTALLED else "make init"
"""The command that creates the settings file from the example below."""
EXAMPLE_SETTINGS = APP_FOLDER / ".streamlit" / "secrets.toml.example"
