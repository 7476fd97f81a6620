"""The JavaScript, CSS and HTML of the views, one set of files per component.

NAME.js exports the component's function; NAME.html and NAME.css are optional. Functions that
several components use, and parts of large ones, are in shared/ and imported from there.
"""

import html
import re
from functools import cache
from pathlib import Path
from string import Template

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?:shared/)?(\w+)\.js";\n', re.MULTILINE)


def component(name: str, *, isolate_styles: bool = True) -> ComponentRenderer:
    """Register the component `name`, and return the function that draws it."""
    return st.components.v2.component(
        f"vpo_monitor_{name}",
        html=_read_if_present(f"{name}.html"),
        css=_read_if_present(f"{name}.css"),
        js=_script(f"{name}.js"),
        isolate_styles=isolate_styles,
    )


@cache
def stylesheet(name: str) -> str:
    """Return a style element with NAME.css, for `st.html`."""
    return f"<style>\n{_read(f'{name}.css')}</style>"


def markup(name: str, **values: str) -> str:
    """Return NAME.html with values in place of `$` names, for `st.html`."""
    escaped = {key: html.escape(value) for key, value in values.items()}
    return Template(_read(f"{name}.html")).substitute(escaped)


def _script(name: str) -> str:
    """Read a script with what it imports, each once, as Streamlit serves no other files."""
    shared: dict[str, str] = {}

    def without_imports(name: str) -> str:
        script = _read(name)
        for imported in _IMPORT.findall(script):
            if imported not in shared:
                its_script = without_imports(f"shared/{imported}.js")
                shared[imported] = re.sub("^export ", "", its_script, flags=re.MULTILINE)
        return _IMPORT.sub("", script)

    own = without_imports(name)
    return "".join((*shared.values(), own))


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _read_if_present(name: str) -> str | None:
    return _read(name) if (_FOLDER / name).exists() else None
