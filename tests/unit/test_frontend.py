"""The files of views/frontend/: each is used, and none is untidy."""

import re
from pathlib import Path

import pytest

_VIEWS = Path(__file__).parents[2] / "vpo_monitor" / "views"
_FILES = sorted(
    path for path in (_VIEWS / "frontend").rglob("*") if path.suffix in {".js", ".css", ".html"}
)


def test_each_file_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in _VIEWS.glob("*.py"))
    components = set(re.findall(r'\bcomponent\(\s*"(\w+)"', code))
    sheets = set(re.findall(r'\bstylesheet\("(\w+)"\)', code))
    shared = {
        name
        for uses in re.findall(r"\buses=\(([^)]*)\)", code)
        for name in re.findall(r"\w+", uses)
    }
    for path in _FILES:
        if path.parent.name == "shared":
            assert path.stem in shared
        elif path.suffix == ".css":
            assert path.stem in components | sheets
        else:
            assert path.stem in components


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_each_file_is_tidy(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    for line in text.splitlines():
        assert line == line.rstrip()
        assert "\t" not in line
        assert len(line) <= 110
