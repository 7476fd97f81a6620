"""The JavaScript, CSS and HTML of the views, one set of files per component.

NAME.js exports the component's function; NAME.html and NAME.css are optional. Files in shared/
define functions for several components; they are put before the component's own JavaScript.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parent


def component(
    name: str, *, uses: Sequence[str] = (), isolate_styles: bool = True
) -> ComponentRenderer:
    """Register the component `name`, whose JavaScript `uses` these files of shared/."""
    scripts = [_read(f"shared/{shared}.js") for shared in uses]
    return st.components.v2.component(
        f"vpo_monitor_{name}",
        html=_read_if_present(f"{name}.html"),
        css=_read_if_present(f"{name}.css"),
        js="".join([*scripts, _read(f"{name}.js")]),
        isolate_styles=isolate_styles,
    )


@cache
def stylesheet(name: str) -> str:
    """Return a style element with NAME.css, for `st.html`."""
    return f"<style>\n{_read(f'{name}.css')}</style>"


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _read_if_present(name: str) -> str | None:
    return _read(name) if (_FOLDER / name).exists() else None
