"""Generate the site's page of tested VPO versions and routes from the recordings in tests."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_RECORDINGS = Path(__file__).parents[1] / "tests" / "data" / "recordings"
_WITH_VERSION = ("/api/about", "/health")
_ID = re.compile(r"(?<=/)(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+|not-a-uuid)(?=/|$)")
_PAGE = """# Supported VPO versions

VPO Monitor needs VPO 0.2 or newer. This page is generated from {count} recorded answers of real
servers, which test the client and the demo.

| Tested VPO version |
|---|
{versions}

| Route | Parameters | Statuses |
|---|---|---|
{routes}

You can [record your own server's](cli.md#record-a-servers-responses). Statuses 401, 429, 500
and 503 were recorded by hand.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to the site."""
    content = supported_page(_RECORDINGS)
    files.append(File.generated(config, "reference/supported.md", content=content))
    return files


def supported_page(folder: Path) -> str:
    """Return the page in Markdown, from the recordings in a directory."""
    recordings = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    statuses: dict[str, Counter[int]] = {}
    parameters: dict[str, set[str]] = {}
    for one in recordings:
        path, _mark, query = one["request"].partition("?")
        route = _ID.sub("{id}", path)
        statuses.setdefault(route, Counter())[one["status"]] += 1
        parameters.setdefault(route, set()).update(re.findall(r"(\w+)=", query))
    routes = [
        f"| `{route}` | {_listed(parameters[route])} | {_counted(statuses[route])} |"
        for route in sorted(statuses)
    ]
    return _PAGE.format(
        count=len(recordings),
        versions="\n".join(f"| {version} |" for version in versions_of(recordings)),
        routes="\n".join(routes),
    )


def versions_of(recordings: list[dict[str, Any]]) -> list[str]:
    """Return the versions of the recorded servers, newest first."""
    bodies = [one["body"] for one in recordings if one["request"] in _WITH_VERSION]
    found = {body["version"] for body in bodies if isinstance(body, dict) and body.get("version")}
    return sorted(found, key=lambda one: [int(n) for n in re.findall(r"\d+", one)], reverse=True)


def _listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"


def _counted(statuses: Counter[int]) -> str:
    return ", ".join(
        f"{status} ({count})" if count > 1 else f"{status}"
        for status, count in sorted(statuses.items())
    )
