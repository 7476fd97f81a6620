"""The recipes of the docs read what there is: fields of the summary, and addresses of the app."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import summary_schema
from vpo_monitor.web import paths

_HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"
_RECIPES = (_HOW_TO / "start-pages.md").read_text("utf-8")
_SCHEMA = json.loads(summary_schema.schema())
_GLANCE_KEY = re.compile(r'\.(?:String|Int|Array|Exists) "(.+?)"')


def section(heading: str) -> str:
    """The configuration below a heading."""
    return _RECIPES.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def fields_of(schema: Any, path: str = "") -> Iterator[str]:
    """All fields of the summary, such as `servers.counts.running`."""
    if "$ref" in schema:
        schema = _SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", []):
        yield from fields_of(choice, path)
    if "items" in schema:
        yield from fields_of(schema["items"], path)
    for name, value in schema.get("properties", {}).items():
        field = f"{path}.{name}".strip(".")
        yield field
        yield from fields_of(value, field)


def read_by_homepage() -> Iterator[str]:
    for field in re.findall(r"field: (\S+)", section("Homepage")):
        yield field.replace(".0", "")


def read_by_glance() -> Iterator[str]:
    scopes: list[str] = [""]
    for action in re.findall(r"{{(.*?)}}", section("Glance")):
        keys = [f"{scopes[-1]}.{key}".strip(".") for key in _GLANCE_KEY.findall(action)]
        yield from keys
        word = action.split()[0]
        if word in {"range", "if"}:
            scopes.append(keys[0] if word == "range" else scopes[-1])
        elif word == "end":
            scopes.pop()


def read_by_home_assistant() -> Iterator[str]:
    text = section("Home Assistant")
    for path in re.findall(r"value_json\.([\w.\[\]]+)", text):
        yield path.replace("[0]", "")
    path = re.findall(r"json_attributes_path: \$\.(\S+)", text)[0].replace("[0]", "")
    for attribute in re.findall(r"json_attributes: \[(.+)\]", text)[0].split(", "):
        yield f"{path}.{attribute}"


@pytest.mark.parametrize("read", [read_by_homepage, read_by_glance, read_by_home_assistant])
def test_a_recipe_reads_fields_that_the_summary_has(read: Any) -> None:
    used = set(read())
    assert len(used) > 4
    assert used <= set(fields_of(_SCHEMA))


def test_recipes_use_addresses_of_the_app() -> None:
    used = set(re.findall(r"http://nas\.local:8501(/\S+?)[?\s\"`]", _RECIPES))
    assert used == {paths.SUMMARY, paths.FEED}


@pytest.mark.parametrize("page", ["start-pages.md", "prometheus.md"])
def test_recipes_are_yaml(page: str) -> None:
    text = (_HOW_TO / page).read_text("utf-8")
    blocks = re.findall(r"^ *```yaml\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 2
    for block in blocks:
        assert list(yaml.compose_all(block))
