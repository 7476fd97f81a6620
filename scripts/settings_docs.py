"""Write what is generated from the declared settings: `python -m scripts.settings_docs`.

These are the rows in docs/reference/configuration.md and the file secrets.toml.example.
"""

import json
import re
from pathlib import Path

from vpo_monitor.app_files import EXAMPLE_SETTINGS
from vpo_monitor.config import DECLARED, RANGES, detail
from vpo_monitor.secrets_files import PREFIX

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "configuration.md"
_ROW = re.compile(rf"^\| `{PREFIX}(\w+)` \|.*$", re.MULTILINE)
_HEAD = """\
# Settings of VPO Monitor. To set one, remove the "# " before its line; each is optional.
# Environment variables override this file. Restart the app after a change.
# This file may hold secrets: keep it readable by you alone.
[vpo_monitor]
"""
_SERVERS = """\
#
# Several servers, instead of api_url and api_token: one block each, below everything else.
# [[vpo_monitor.servers]]
#   name = "NAS"
#   address = "http://192.168.1.5:8321"
#   token = ""  # optional
#   public_url = ""  # optional
"""
_EMPTY = {None: '""', (): "[]"}
_TEXT = "text"
_YES_OR_NO = "true or false"


def page(text: str) -> str:
    """Return the page with the row of each setting as declared."""
    return _ROW.sub(lambda found: _row(found[1].lower()), text)


def example() -> str:
    """Return the example file: every setting, commented out."""
    return "".join([_HEAD, *map(_line, DECLARED), _SERVERS])


def _row(name: str) -> str:
    cells = (f"`{PREFIX}{name.upper()}`", _default(name), _range(name), DECLARED[name].description)
    return f"| {' | '.join(map(str, cells))} |"


def _default(name: str) -> str:
    default = DECLARED[name].default
    if detail(name).default:
        return detail(name).default
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, int | float) else "unset"


def _range(name: str) -> str:
    if name in RANGES:
        low, high = RANGES[name]
        return f"{low:g} to {high:g}"
    return _YES_OR_NO if DECLARED[name].annotation is bool else detail(name).valid or _TEXT


def _line(name: str) -> str:
    declared = DECLARED[name]
    valid = _range(name)
    comment = str(declared.description)
    if valid not in (_TEXT, _YES_OR_NO):
        comment += f"; valid: {valid}"
    if declared.examples and detail(name).default:
        comment += f"; default: {detail(name).default}"
    comment = re.sub(rf"{PREFIX}\w+", lambda found: found[0].removeprefix(PREFIX).lower(), comment)
    comment = re.sub(r"\[([^]]+)]\([^)]+\)", r"\1", comment)
    comment = re.sub(r"([`*])(.+?)\1", r"\2", comment)
    value = declared.examples[0] if declared.examples else declared.default
    written = _EMPTY.get(value) or (f"{value:g}" if name in RANGES else json.dumps(value))
    return f"## {comment}\n# {name} = {written}\n"


def main() -> None:
    """Write the files."""
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
    EXAMPLE_SETTINGS.write_text(example(), "utf-8")


if __name__ == "__main__":
    main()
