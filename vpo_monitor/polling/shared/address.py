"""Which store is meant, checked so that no sentence about it repeats its password."""

from urllib.parse import parse_qsl

from pydantic import SecretStr

from vpo_monitor.api.server import split_address
from vpo_monitor.polling.shared.store import Store

_EXAMPLE = "for example redis://127.0.0.1:6379/0"
_OPTIONS = ("db", "ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_keyfile")
_SCHEMES = ("redis", "rediss", "unix")


class NoStore(ValueError):
    """The store cannot be used at all; `str()` is a sentence that says what to change."""


def open_store(url: SecretStr, setting: str) -> Store:
    """The store of a checked address; it has not been connected to yet. Raises NoStore."""
    checked = _checked(url, setting)
    try:
        from vpo_monitor.polling.shared.redis_store import RedisStore  # noqa: PLC0415 - optional
    except ImportError:
        raise NoStore(
            f"{setting} is set, but the redis library isn't installed, so this process polls VPO "
            "on its own. Run: python -m pip install 'redis>=5,<9'"
        ) from None
    try:
        return RedisStore(checked)
    except Exception:  # noqa: BLE001 - whatever the library finds in it may quote the password
        raise NoStore(_unusable(setting)) from None


def _checked(url: SecretStr, setting: str) -> SecretStr:
    text = url.get_secret_value().strip()
    parts = split_address(text)
    if parts is None or not text.isprintable() or " " in text:
        raise NoStore(_unusable(setting))
    is_socket = parts.scheme == "unix"
    if parts.scheme not in _SCHEMES or (is_socket and not parts.path.strip("/")):
        raise NoStore(_unusable(setting))
    if not is_socket and not parts.hostname:
        raise NoStore(_unusable(setting))
    if not is_socket and parts.path.strip("/") and not parts.path.strip("/").isdecimal():
        raise NoStore(_unusable(setting))  # the library would take database 0 without a word
    # Others would go before what this app sets, such as how long a store may be waited for.
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
