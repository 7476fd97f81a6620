"""Checks the address of the store, without repeating its password in any message."""

from urllib.parse import parse_qsl

from pydantic import SecretStr

from vpo_monitor.api.server import split_address

_EXAMPLE = "for example redis://127.0.0.1:6379/0"
_OPTIONS = ("db", "ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_keyfile")


class NoStore(ValueError):
    """The store can't be used at all; `str()` is a sentence that says what to change."""


class StoreDown(Exception):
    """The store can't be used now; `str()` continues a sentence about it: "… cannot be reached"."""


def checked_address(url: SecretStr, setting: str) -> SecretStr:
    """Return the address without surrounding spaces, or raise NoStore."""
    text = url.get_secret_value().strip()
    parts = split_address(text)
    if parts is None or not text.isprintable() or " " in text:
        raise NoStore(_unusable(setting))
    path = parts.path.strip("/")
    if parts.scheme == "unix":
        is_valid = bool(path)
    else:  # the library would silently use database 0 for another path
        is_valid = bool(parts.hostname) and (not path or path.isdecimal())
    if parts.scheme not in ("redis", "rediss", "unix") or not is_valid:
        raise NoStore(_unusable(setting))
    # Other options would override this app's, such as its timeouts.
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _OPTIONS or (name == "db" and not value.isdecimal()):
            raise NoStore(
                f"{setting} has an unsupported option after the ?, so this process polls VPO on "
                f"its own. Supported options: {', '.join(_OPTIONS)}."
            )
    return SecretStr(text)


def _unusable(setting: str) -> str:
    return (
        f"{setting} is not a valid store address, so this process polls VPO on its own. "
        f"Use redis://, rediss:// or unix://, {_EXAMPLE}. "
        "In a password, write @ as %40 and / as %2F."
    )
