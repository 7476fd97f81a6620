"""The files of views/frontend/: each is used, and none is untidy."""

import re
from pathlib import Path

import pytest
import streamlit as st

from vpo_monitor.views.frontend import component

_VIEWS = Path(__file__).parents[2] / "vpo_monitor" / "views"
_FILES = sorted(
    path for path in (_VIEWS / "frontend").rglob("*") if path.suffix in {".js", ".css", ".html"}
)


def test_each_file_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in _VIEWS.glob("*.py"))
    components = set(re.findall(r'\bcomponent\(\s*"(\w+)"', code))
    sheets = set(re.findall(r'\bstylesheet\("(\w+)"\)', code))
    scripts = "".join(path.read_text("utf-8") for path in _FILES if path.suffix == ".js")
    shared = set(re.findall(r'from "\./shared/(\w+)\.js"', scripts))
    for path in _FILES:
        if path.parent.name == "shared":
            assert path.stem in shared
        elif path.suffix == ".css":
            assert path.stem in components | sheets
        else:
            assert path.stem in components


def test_imports_become_what_they_import(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts: dict[str, str] = {}

    def register(name: str, *, js: str, **_others: object) -> None:
        scripts[name] = js

    monkeypatch.setattr(st.components.v2, "component", register)
    for path in _FILES:
        if path.suffix == ".js" and path.parent.name != "shared":
            component(path.stem)
    assert "const formatDuration = " in scripts["vpo_monitor_badge"]
    for script in scripts.values():
        assert not re.search("^import", script, re.MULTILINE)
        assert len(re.findall("^export", script, re.MULTILINE)) == 1


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_each_file_is_tidy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line == line.rstrip()
        assert "\t" not in line
        assert len(line) <= 110
