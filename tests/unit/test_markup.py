"""No markup and no script of the app is made of data."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    ROOT / "app.py",
    *sorted((ROOT / "pages").glob("*.py")),
    *sorted(path for kind in ("*.py", "*.js") for path in (ROOT / "vpo_monitor").rglob(kind)),
]
# What makes markup or a script of a text, in scripts of their own and those within Python.
MAKES_MARKUP = re.compile(
    r"(inner|outer)HTML|insertAdjacentHTML|setHTML|document\.write|createContextualFragment"
    r"|DOMParser|srcdoc|\beval\(|\bFunction\(|\bexec\(|set(Timeout|Interval)\(\s*[\"'`]"
    r"|setAttribute\(\s*[\"'`](on|href|src|style)|javascript:|unsafe_allow_(html|javascript)"
)


def calls(tree: ast.AST, ending: str) -> list[ast.Call]:
    """The calls of what is named so."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(ending)
    ]


def constants(module: ast.Module) -> set[str]:
    """The names that a module gives to plain texts, once."""
    given = [
        (target.id, node.value)
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    return {name for name, value in given if isinstance(value, ast.Constant)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_makes_markup_of_data(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not MAKES_MARKUP.search(text)
    if path.suffix != ".py":
        return
    module = ast.parse(text)
    for call in calls(module, "st.html"):
        for markup in call.args:
            assert isinstance(markup, ast.Constant) or ast.unparse(markup) in constants(module)
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    in_functions = [call for function in functions for call in calls(function, "v2.component")]
    assert not in_functions, "a component's markup is made when its module is read, of no data"


def test_the_forms_that_are_forbidden_are_recognised() -> None:
    for text in (
        "box.innerHTML = text",
        "st.markdown(text, unsafe_allow_html=True)",
        "link.setAttribute('href', target)",
        'setTimeout("run()", 1)',
        "new Function(text)",
    ):
        assert MAKES_MARKUP.search(text)
