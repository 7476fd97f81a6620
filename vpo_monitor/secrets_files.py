"""Read and check the secrets files.

A misplaced password is reported, so that it never leaves the app open unnoticed.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from vpo_monitor.app_files import APP_FOLDER, IS_INSTALLED

PREFIX = "VPO_MONITOR_"
TABLE = "vpo_monitor"
SERVERS = "servers"
"""The list of servers in this app's table."""
_NAME = "secrets.toml"
_IN_FOLDER = Path(".streamlit", _NAME)
_OF_A_SERVER = ("name", "address", "token")
_PASSWORD = "password"  # noqa: S105 - the name of the setting
_OURS = "vpo"
_LOGIN_TABLES = ("auth", "oidc")
_PASSWORDS = ("pas", "pw")
"""Beginnings of the common spellings of "password"."""
_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)\Z", re.ASCII)
"""The end of the parser's message. The part before it may quote the line, and with it a secret."""
_A_SLIP = 0.7
"""Minimum difflib ratio for a typo: "poll_intervall" matches a setting, "secret" does not."""


@dataclass(frozen=True)
class Secrets:
    """The contents of the secrets files, with a warning for each entry that is not used.

    `own` is this app's table, `auth` the table of Streamlit's login. `at_top` names the settings
    that were written above all tables; `own` has them too. `unread` is the name of a file that
    cannot be read. `problem` says why it is unknown whether a password is set, `doubt` that an
    unused entry may have been meant as a password. Both are None if there is no such problem.
    """

    own: dict[str, Any] = field(repr=False)
    auth: Any = field(repr=False)
    warnings: tuple[str, ...] = ()
    problem: str | None = None
    doubt: str | None = None
    at_top: frozenset[str] = frozenset()
    unread: str | None = None
    has_file: bool = False


def secrets_files() -> tuple[Path, ...]:
    """Return the secrets files; a later file overrides an earlier one.

    The last is the app's own file: in a clone, the clone's file, otherwise one in the user's
    configuration directory, which survives an upgrade.
    """
    own = (
        user_config_path("vpo-monitor", appauthor=False) / _NAME
        if IS_INSTALLED
        else APP_FOLDER / _IN_FOLDER
    )
    return tuple(dict.fromkeys((Path.home() / _IN_FOLDER, Path.cwd() / _IN_FOLDER, own)))


def read_secrets(files: Sequence[Path], known: Sequence[str]) -> Secrets:
    """Read the files in order; `known` are the names of the settings allowed in this app's table.

    A key above all tables counts as a setting if it has the name of the setting's environment
    variable, because Streamlit exports such keys to the environment.
    """
    tables: dict[str, Any] = {}
    own: dict[str, Any] = {}
    above: dict[str, Any] = {}
    warnings: list[str] = []
    problem = doubt = unread = None
    has_file = False
    for file in files:
        try:
            content = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            has_file, unread = True, file.name
            warnings.append(f"{unread} cannot be read{_why(error)}, so it is ignored.")
            problem = (
                f"{file.name} cannot be read, so the app can't tell whether it needs a password. "
                f"Fix the file or set {PREFIX}PASSWORD, then restart the app."
            )
            continue
        has_file = True
        tables |= content
        table = content.get(TABLE)
        if isinstance(table, dict):
            own |= table
        above |= {name: content[PREFIX + name.upper()] for name in _above(content, known)}
        for name, is_password in _misplaced(content, known):
            said = f"{file.name} has an unknown or misplaced entry, which is ignored: {name}."
            warnings.append(said)
            if is_password:
                doubt = (
                    f"{said} If it is the password, set it as {_PASSWORD} below [{TABLE}]; "
                    "otherwise remove it. Then restart the app."
                )
    return Secrets(
        own | above,
        tables.get("auth"),
        tuple(warnings),
        problem,
        doubt,
        at_top=frozenset(above),
        unread=unread,
        has_file=has_file,
    )


def _why(error: OSError | ValueError) -> str:
    """Describe why a file cannot be read, with the TOML position but none of its contents."""
    if isinstance(error, OSError):
        return "" if error.strerror is None else f" ({error.strerror.lower()})"
    if isinstance(error, UnicodeDecodeError):
        return " as UTF-8"
    place = _PLACE.search(str(error))
    if place is None:
        return " as TOML"
    line, column = place.groups()
    return " as TOML (at its end)" if line is None else f" as TOML (line {line}, column {column})"


def _above(content: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    """Return the known settings that are written above all tables as `VPO_MONITOR_…`."""
    return [name for name in known if PREFIX + name.upper() in content]


def _misplaced(content: Mapping[str, Any], known: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Find unused entries that may be meant for this app, and whether each may be a password.

    A file may serve other apps too, so tables of other names are searched only for names with this
    app's prefix.
    """
    used = {PREFIX + name.upper() for name in _above(content, known)} | {TABLE, "auth"}
    for key, value in content.items():
        bare, is_table = _bare(key), isinstance(value, dict)
        if key in used:
            if key == TABLE and not is_table:
                yield f"{key} that is not a table", True
        elif is_table and (bare.startswith(_OURS) or bare in _LOGIN_TABLES):
            yield f"[{key}]", True
        elif is_table:
            yield from ((f"{name} below [{key}]", True) for name in _named_ours(value))
        elif bare.startswith(_OURS) or key.casefold() in known or _is_password(bare):
            yield key, _is_password(bare)
    own = content.get(TABLE)
    if isinstance(own, dict):
        yield from _misplaced_within(own, known)


def _misplaced_within(own: Mapping[str, Any], known: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Find unused entries in this app's table and in its list of servers."""
    others = [name for name in known if name != _PASSWORD]
    for key, value in own.items():
        if key not in known:
            is_slip = _is_slip(key, others) and not _has_tables(value)
            yield f"{key} below [{TABLE}]", not is_slip
    servers = own.get(SERVERS)
    for server in servers if isinstance(servers, list) else ():
        # In TOML, keys written after a list belong to its last entry, including a password.
        for key in server if isinstance(server, dict) else ():
            if key not in _OF_A_SERVER:
                is_slip = _is_slip(key, [*others, *_OF_A_SERVER])
                yield f"{key} below [[{TABLE}.{SERVERS}]]", not is_slip


def _is_slip(key: str, names: Sequence[str]) -> bool:
    """Whether the key is probably a typo of one of these names."""
    return bool(difflib.get_close_matches(key.casefold(), names, cutoff=_A_SLIP))


def _has_tables(value: Any) -> bool:
    """Whether the value contains tables, whose contents are not checked."""
    return any(isinstance(one, dict) for one in (value if isinstance(value, list) else [value]))


def _named_ours(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if _bare(key).startswith(_bare(PREFIX)):
            yield key
        elif isinstance(value, dict):
            yield from _named_ours(value)


def _bare(name: str) -> str:
    """Reduce the name to its letters, as people spell it in many ways."""
    return "".join(filter(str.isalpha, name.casefold()))


def _is_password(bare: str) -> bool:
    """Whether the key may have been meant as the password."""
    return bare.removeprefix(_OURS).removeprefix("monitor").startswith(_PASSWORDS)
