"""Read and check the secrets files, with this app's table and its list of servers.

A misplaced password is reported, so that it never leaves the app open unnoticed. No warning
contains a value: any may be a secret written on the wrong line.
"""

import difflib
import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import SecretStr
from pydantic_settings import BaseSettings, TomlConfigSettingsSource

from vpo_monitor.api.server import InvalidAddress, Server, parse_address
from vpo_monitor.app_files import APP_FOLDER, IS_INSTALLED
from vpo_monitor.plain_text import plain_line

PREFIX = "VPO_MONITOR_"
TABLE = "vpo_monitor"
SERVERS = "servers"
"""The list of servers in this app's table."""
FILE = "secrets.toml"
LONGEST_NAME = 40
"""Characters; the name appears in the menu and in the tab's title."""
_IN_FOLDER = Path(".streamlit", FILE)
_OF_A_SERVER = ("name", "address", "token", "public_url")
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
        user_config_path("vpo-monitor", appauthor=False) / FILE
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
            content = _content(file)
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


def _content(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file. Raises OSError or ValueError if it cannot be read."""
    mode = file.stat().st_mode
    if not stat.S_ISREG(mode):  # pydantic-settings would skip it, and a password with it
        reason = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(reason, os.strerror(reason))
    return TomlConfigSettingsSource(BaseSettings, file).toml_data


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


@dataclass(frozen=True)
class ServerList:
    """The usable servers in order, and a sentence for each unusable entry.

    `is_given` is true if there is a list, even an unusable one.
    """

    servers: tuple[Server, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    is_given: bool = False

    @property
    def problem(self) -> str | None:
        """Why no listed server can be used; None if one can, or if there is no list."""
        if self.servers or not self.is_given:
            return None
        return " ".join((f"No server below [[{TABLE}.{SERVERS}]] can be used.", *self.warnings))


class _Unusable(Exception):
    """An unusable server; the message is a sentence that says why."""


def read_servers(given: Any, *, address: str | None, token: str | None) -> ServerList:
    """Read the servers below `[[vpo_monitor.servers]]`.

    An address set outside the list takes precedence over it. `address` and `token` are the names of
    those settings as written; None if they are not set.
    """
    if given is None:
        return ServerList()
    if not isinstance(given, list):
        return ServerList((), (f"{SERVERS} is not a list. Write [[{TABLE}.{SERVERS}]].",), True)
    if address is not None:
        return ServerList(warnings=(_one_address(address),))
    servers: list[Server] = []
    warnings = [] if token is None else [_each_has_its_own(token)]
    for place, entry in enumerate(given, 1):
        try:
            server = _server(entry, place, servers)
        except (_Unusable, InvalidAddress) as why:
            warnings.append(f"{why} The server is ignored.")
            continue
        try:
            servers.append(_with_public_url(server, entry.get("public_url")))
        except InvalidAddress as why:
            warnings.append(f"{why} Links to VPO lead to its own address.")
            servers.append(server)
    return ServerList(tuple(servers), tuple(warnings), is_given=True)


def _one_address(name: str) -> str:
    return (
        f"{name} is set, so the app monitors that server only and ignores the list of servers. "
        "Remove one of the two."
    )


def _each_has_its_own(name: str) -> str:
    return (
        f"{name} is ignored because there is a list of servers. Set the token of each server in "
        "the list."
    )


def _server(entry: Any, place: int, before: list[Server]) -> Server:
    where = f"Server {place} in secrets.toml"
    if not isinstance(entry, Mapping):
        raise _Unusable(
            f"{where} is not a table. Set name and address below [[{TABLE}.{SERVERS}]]."
        )
    name = _name(entry.get("name"), where)
    where = f"The server {name} in secrets.toml"
    if name.casefold() in (one.name.casefold() for one in before):
        raise _Unusable(f"{where} has the same name as another one. Rename one of them.")
    address, of_it = entry.get("address"), f"of {name} in secrets.toml"
    if not isinstance(address, str) or not address.strip():
        raise _Unusable(f"{where} has no address. Set one, for example http://192.168.1.5:8321.")
    token = entry.get("token")
    if token is not None and not isinstance(token, str):
        raise _Unusable(f"{where} has a token that is not text. Put it in quotes.")
    url = parse_address(address, f"The address {of_it}", f"the token {of_it}")
    if url in (one.url for one in before):
        raise _Unusable(f"{where} has the same address as another one. Remove one of them.")
    secret = SecretStr(token) if token else None
    return Server(name, url, secret, f"the address {of_it}", f"the token {of_it}")


def _with_public_url(server: Server, given: Any) -> Server:
    """Add the address for viewers. Raises InvalidAddress if it is none."""
    if given in (None, ""):
        return server
    url = parse_address(str(given), f"The public_url of {server.name} in {FILE}")
    return replace(server, public_url=url)


def _name(given: Any, where: str) -> str:
    name = plain_line(given).strip() if isinstance(given, str) else ""
    if not name:
        raise _Unusable(f"{where} has no name. Set a unique one.")
    if len(name) > LONGEST_NAME:
        raise _Unusable(f"{where} has a name of more than {LONGEST_NAME} characters. Shorten it.")
    return name
