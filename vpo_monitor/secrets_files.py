"""The files of secrets: what they hold for the app, and what is written where nobody looks.

A password that is misplaced must not leave the app open without a word.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PREFIX = "VPO_MONITOR_"
TABLE = "vpo_monitor"
_PASSWORD = "password"  # noqa: S105 - the name of the setting
_ALIKE = 0.5
"""Of difflib's ratio: "passwort" and "passphrase" are alike, "token" and "emails" are not."""


@dataclass(frozen=True)
class Secrets:
    """Our own table, that of Streamlit's login, and a sentence for each thing that is not used.

    `doubt` says why it is not known whether a password is wanted; None where it is.
    """

    own: dict[str, Any] = field(repr=False)
    auth: Any = field(repr=False)
    warnings: tuple[str, ...] = ()
    doubt: str | None = None


def secrets_files() -> tuple[Path, ...]:
    """Where Streamlit looks for secrets; a later file goes before an earlier one."""
    folders = dict.fromkeys((Path.home(), Path.cwd(), Path(__file__).parents[1]))
    return tuple(folder / ".streamlit" / "secrets.toml" for folder in folders)


def read_secrets(files: Sequence[Path], known: Sequence[str]) -> Secrets:
    """Read them in order; `known` are the names of the settings that our table may hold."""
    tables: dict[str, Any] = {}
    own: dict[str, Any] = {}
    warnings: list[str] = []
    doubt = None
    for file in files:
        try:
            content = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            # The parser's own message may quote the line, and with it a secret.
            warnings.append(f"{file.name} cannot be read as TOML, so nothing in it is used.")
            doubt = (
                f"{file.name} cannot be read, so whether a password is wanted is not known. "
                f"Mend the file, or set {PREFIX}PASSWORD, and start the app again."
            )
            continue
        tables |= content
        table = content.get(TABLE)
        if isinstance(table, dict):
            own |= table
        for name, is_password in _misplaced(content, known):
            said = f"{file.name} has {name} where it is not looked for, so it is not used."
            warnings.append(said)
            if is_password:
                doubt = (
                    f"{said} Write it as {_PASSWORD} below [{TABLE}], or take it out, and start "
                    "the app again."
                )
    return Secrets(own, tables.get("auth"), tuple(warnings), doubt)


def _misplaced(content: Mapping[str, Any], known: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """What is meant for this app and not used: how to call it, and whether it may be a password.

    Tables of other names are not looked into: a file of the whole machine serves other apps too.
    """
    own = content.get(TABLE)
    for key, value in content.items():
        name = key.casefold().replace("-", "_")
        if name == TABLE and (key != TABLE or not isinstance(value, dict)):
            yield f"[{key}]" if isinstance(value, dict) else f"{key} that is no table", True
        elif not isinstance(value, dict) and (name.startswith(PREFIX.casefold()) or name in known):
            yield key, _is_password(name)
    for key, value in own.items() if isinstance(own, dict) else ():
        if key not in known:
            is_password = isinstance(value, dict) or _is_password(key.casefold())
            yield f"{key} below [{TABLE}]", is_password


def _is_password(name: str) -> bool:
    """Whether somebody who wrote that may have meant the password."""
    bare = name.removeprefix(PREFIX.casefold())
    return bool(difflib.get_close_matches(bare, [_PASSWORD], cutoff=_ALIKE))
