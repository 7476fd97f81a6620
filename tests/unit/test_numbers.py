"""Every number that a page shows is written by one module, with the viewer's signs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITES_THEM = ROOT / "vpo_monitor" / "insight" / "numerals.py"
SHOWN = [
    ROOT / "app.py",
    *sorted((ROOT / "pages").glob("*.py")),
    *sorted((ROOT / "vpo_monitor" / "insight").rglob("*.py")),
    *sorted((ROOT / "vpo_monitor" / "views").rglob("*.py")),
]
SCRIPTS = sorted((ROOT / "vpo_monitor" / "views").glob("*.js"))
# Groups, decimals and general numbers. Parts of a clock, as in 02d, and moments have neither.
_WRITES_SIGNS = re.compile(r"[,_]|\.\d*[^<>=^]*$|[eEfFgGn%]$")
_MOMENT = re.compile(r"%[a-zA-Z]")
_PRINTF = re.compile(r"%[-+ 0#]*\d*\.\d+[eEfFgG].*|%d")
_ADDRESS = {"own_interval.py", "log_controls.py"}
"""What they write with `g` is a choice's name, as it stands in an address or is compared."""


def specs(tree: ast.AST) -> Iterator[str]:
    """The formats of numbers in f-strings, in texts with `.format`, and of `format`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "1" for p in parts)
        elif isinstance(node, ast.Attribute) and node.attr == "format":
            if isinstance(node.value, ast.Constant):
                yield from re.findall(r"\{\w*:([^}]*)\}", str(node.value.value))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "format":
            yield from (str(one.value) for one in node.args[1:] if isinstance(one, ast.Constant))


def formats(tree: ast.AST) -> list[str]:
    """Those that write signs of their own."""
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [
        *(spec for spec in specs(tree) if _WRITES_SIGNS.search(spec) and not _MOMENT.search(spec)),
        *(text for text in texts if isinstance(text, str) and _PRINTF.fullmatch(text)),
    ]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_number_is_written_elsewhere(path: Path) -> None:
    if path != WRITES_THEM:
        found = formats(ast.parse(path.read_text("utf-8")))
        assert set(found) <= ({"g"} if path.name in _ADDRESS else set()), (
            "use count, decimal, percent or size of vpo_monitor.insight.numerals"
        )


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_numbers_as_one_locale_does(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"toLocaleString\((?!undefined)|NumberFormat\([\"'`]", text)


@pytest.mark.parametrize(
    "text",
    [
        *('f"{n:,}"', 'f"{n:_}"', 'f"{n:.1f} %"', 'f"{n:.{places}f}"', 'f"{n:g} s"', 'f"{n:%}"'),
        *('f"{n:+,}"', '"{:,}".format', '"{n:.1f}".format(n=2)', 'format(n, ",")', '"%.1f GB"'),
        *('"%d"', 'f"{n:n}"', 'f"{n:>8,}"', 'f"{n:.3}"'),
    ],
)
def test_a_format_with_signs_of_its_own_is_found(text: str) -> None:
    assert formats(ast.parse(text))


@pytest.mark.parametrize(
    "text", ['f"{n}"', 'f"{n:02d}"', 'f"{at:%H:%M}"', 'f"{at:%Y-%m-%d}"', 'f"{at:%a %H:%M}"']
)
def test_clocks_and_days_are_as_they_are(text: str) -> None:
    assert not formats(ast.parse(text))
