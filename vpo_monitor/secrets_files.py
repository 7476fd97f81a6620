"""The files of secrets: what they hold for the app, and what is written where nobody looks.

A password that is misplaced must not leave the app open without a word.
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
"""The list of servers in our table."""
_NAME = "secrets.toml"
_IN_FOLDER = Path(".streamlit", _NAME)
_OF_A_SERVER = ("name", "address", "token")
_PASSWORD = "password"  # noqa: S105 - the name of the setting
_OURS = "vpo"
_LOGIN_TABLES = ("auth", "oidc")
_PASSWORDS = ("pas", "pw")
"""How the word begins in the ways in which people write it."""
_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)\Z", re.ASCII)
"""How the parser's message ends, which before that may quote the line, and with it a secret."""
_A_SLIP = 0.7
"""Of difflib's ratio: "poll_intervall" is a slip of the pen for a setting, "secret" is for none."""


@dataclass(frozen=True)
class Secrets:
    """Our own table, that of Streamlit's login, and a sentence for each thing that is not used.

    Those of `at_top` stand above all tables, though `own` has them too.
    `problem` says why nothing is known of what the file called `unread` holds, `doubt` that
    something in one may have been meant as a password; None where neither is so.
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
    """Where settings are looked for; a later file overrides an earlier one.

    The last is the app's own: in a clone, that of the clone; otherwise one in the user's
    configuration directory, which survives an upgrade.
    """
    own = (
        user_config_path("vpo-monitor", appauthor=False) / _NAME
        if IS_INSTALLED
        else APP_FOLDER / _IN_FOLDER
    )
    return tuple(dict.fromkeys((Path.home() / _IN_FOLDER, Path.cwd() / _IN_FOLDER, own)))


def read_secrets(files: Sequence[Path], known: Sequence[str]) -> Secrets:
    """Read them in order; `known` are the names of the settings that our table may hold.

    What stands above all tables under the name of a variable counts like that variable, as
    Streamlit puts it into the environment.
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
            warnings.append(f"{unread} cannot be read{_why(error)}, so nothing in it is used.")
            problem = (
                f"{file.name} cannot be read, so whether a password is wanted is not known. "
                f"Mend the file, or set {PREFIX}PASSWORD, and start the app again."
            )
            continue
        has_file = True
        tables |= content
        table = content.get(TABLE)
        if isinstance(table, dict):
            own |= table
        above |= {name: content[PREFIX + name.upper()] for name in _above(content, known)}
        for name, is_password in _misplaced(content, known):
            said = f"{file.name} has {name} where it is not looked for, so it is not used."
            warnings.append(said)
            if is_password:
                doubt = (
                    f"{said} If it is the password, write it as {_PASSWORD} below [{TABLE}]; "
                    "else take it out; and start the app again."
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
    """Why a file cannot be read and, of TOML, where; nothing of what it holds."""
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
    """The settings that stand above all tables, by the names of their variables."""
    return [name for name in known if PREFIX + name.upper() in content]


def _misplaced(content: Mapping[str, Any], known: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """What may be meant for this app and is not used: how to call it, and whether as a password.

    Tables of other names are searched for names of ours only: a file may serve other apps too.
    """
    used = {PREFIX + name.upper() for name in _above(content, known)} | {TABLE, "auth"}
    for key, value in content.items():
        bare, is_table = _bare(key), isinstance(value, dict)
        if key in used:
            if key == TABLE and not is_table:
                yield f"{key} that is no table", True
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
    """The same of our own table, and of the list of servers in it."""
    others = [name for name in known if name != _PASSWORD]
    for key, value in own.items():
        if key not in known:
            is_slip = _is_slip(key, others) and not _has_tables(value)
            yield f"{key} below [{TABLE}]", not is_slip
    servers = own.get(SERVERS)
    for server in servers if isinstance(servers, list) else ():
        # In TOML what is written below a list belongs to its last entry, also a password.
        for key in server if isinstance(server, dict) else ():
            if key not in _OF_A_SERVER:
                is_slip = _is_slip(key, [*others, *_OF_A_SERVER])
                yield f"{key} below [[{TABLE}.{SERVERS}]]", not is_slip


def _is_slip(key: str, names: Sequence[str]) -> bool:
    """Whether it was meant as one of these names."""
    return bool(difflib.get_close_matches(key.casefold(), names, cutoff=_A_SLIP))


def _has_tables(value: Any) -> bool:
    """Whether more is written within it, of which nothing is known."""
    return any(isinstance(one, dict) for one in (value if isinstance(value, list) else [value]))


def _named_ours(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if _bare(key).startswith(_bare(PREFIX)):
            yield key
        elif isinstance(value, dict):
            yield from _named_ours(value)


def _bare(name: str) -> str:
    """Its letters alone, as one may write it in many ways."""
    return "".join(filter(str.isalpha, name.casefold()))


def _is_password(bare: str) -> bool:
    """Whether somebody who wrote that may have meant the password."""
    return bare.removeprefix(_OURS).removeprefix("monitor").startswith(_PASSWORDS)
