"""The list of servers in secrets.toml, with a warning for each entry that cannot be used.

No warning contains an address or token: either may be a secret written on the wrong line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from vpo_monitor.api.server import InvalidAddress, Server, parse_address
from vpo_monitor.plain_text import plain_line
from vpo_monitor.secrets_files import SERVERS, TABLE

LONGEST_NAME = 40
"""Characters; the name appears in the menu and in the tab's title."""


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
            servers.append(_server(entry, place, servers))
        except (_Unusable, InvalidAddress) as why:
            warnings.append(f"{why} The server is ignored.")
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


def _name(given: Any, where: str) -> str:
    name = plain_line(given).strip() if isinstance(given, str) else ""
    if not name:
        raise _Unusable(f"{where} has no name. Set a unique one.")
    if len(name) > LONGEST_NAME:
        raise _Unusable(f"{where} has a name of more than {LONGEST_NAME} characters. Shorten it.")
    return name
