"""The files of views/frontend/: each is used, and none is untidy."""

import re
from pathlib import Path

import pytest
import streamlit as st

from vpo_monitor.app_files import STYLESHEET
from vpo_monitor.views.frontend import component

_VIEWS = Path(__file__).parents[2] / "vpo_monitor" / "views"
_FILES = sorted(
    path for path in (_VIEWS / "frontend").rglob("*") if path.suffix in {".js", ".css", ".html"}
)


def test_each_file_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in _VIEWS.glob("*.py"))
    used = {STYLESHEET.name} | {
        f"shared/{name}.js" for name in re.findall(r'"\./(?:shared/)?(\w+)\.js"', _scripts())
    }
    for loader, kinds in (
        ("component", ("js", "css", "html")),
        ("stylesheet", ("css",)),
        ("markup", ("html",)),
    ):
        for name in re.findall(rf'\b{loader}\(\s*"(\w+)"', code):
            used |= {f"{name}.{kind}" for kind in kinds}
    assert {path.relative_to(_VIEWS / "frontend").as_posix() for path in _FILES} <= used


def _scripts() -> str:
    return "".join(path.read_text("utf-8") for path in _FILES if path.suffix == ".js")


def test_imports_become_what_they_import(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts: dict[str, str] = {}

    def register(name: str, *, js: str, **_others: object) -> None:
        scripts[name] = js

    monkeypatch.setattr(st.components.v2, "component", register)
    for path in _FILES:
        if path.suffix == ".js" and path.parent.name != "shared":
            component(path.stem)
    assert "const formatDuration = " in scripts["vpo_monitor_cards"]
    for script in scripts.values():
        assert not re.search("^import", script, re.MULTILINE)
        assert len(re.findall("^export", script, re.MULTILINE)) == 1


# Names of Streamlit's own elements may change with any version; keys and theme options don't.
_PRIVATE = re.compile(
    r"\.st[A-Z]\w*|\.st-emotion|data-testid|data-test-|dataset\.test|data-baseweb"
)
_EXCEPTIONS = {
    "kiosk.css": 4,  # the page's padding and height
    "page.css": 4,  # side padding, contrast of captions, toolbars and metrics on phones
    "status.js": 1,  # placeholders of elements that still load
}


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_streamlits_own_names_are_exceptions(path: Path) -> None:
    found = _PRIVATE.findall(path.read_text("utf-8"))
    assert len(found) <= _EXCEPTIONS.get(path.name, 0), found


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_each_file_is_tidy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line == line.rstrip()
        assert "\t" not in line
        assert len(line) <= 110
