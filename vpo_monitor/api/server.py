"""Which VPO server is meant: a value, so that a second server is one more value."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

DEFAULT_ADDRESS = "http://127.0.0.1:8321"
"""Where `vpo serve` listens by default."""
ADDRESS_SETTING, TOKEN_SETTING = "VPO_MONITOR_API_URL", "VPO_MONITOR_API_TOKEN"
_EXAMPLE = "for example http://192.168.1.5:8321"


class InvalidAddress(ValueError):
    """An address that cannot be used; `str()` is a sentence that says what to change."""


@dataclass(frozen=True)
class Server:
    """A VPO server: `url` is its checked address without a slash at the end.

    The token is in no `repr` and no `vars`. The settings are what sentences call those by which
    address and token were set.
    """

    name: str
    url: str
    token: SecretStr | None = None
    address_setting: str = ADDRESS_SETTING
    token_setting: str = TOKEN_SETTING


def parse_address(address: str, setting: str, token_setting: str = TOKEN_SETTING) -> str:
    """Check an address given in `setting` and return it without query, fragment or end slash.

    Raises InvalidAddress with a sentence; the sentence repeats no part of an address that could
    hold credentials.
    """
    text = address.strip()
    if not text.isprintable() or " " in text:
        raise InvalidAddress(
            f"{setting} holds a space or a control character. Write one address, {_EXAMPLE}."
        )
    parts = split_address(text)
    if parts is None:
        raise InvalidAddress(
            f"{setting} is not a valid address: its port must be a number from 1 to 65535 and an "
            f"IPv6 address stands in square brackets. Write {_EXAMPLE}."
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidAddress(
            f"{setting} must not contain a user name or password. "
            f"Put VPO's token into {token_setting} instead."
        )
    if parts.scheme not in ("http", "https"):
        raise InvalidAddress(f"{setting} must start with http:// or https://, {_EXAMPLE}.")
    if not parts.hostname or not _is_host(parts.hostname) or parts.port == 0:
        raise InvalidAddress(f"{setting} names no valid host and port. Write {_EXAMPLE}.")
    if parts.query or parts.fragment:
        raise InvalidAddress(
            f"{setting} must be the bare address of the server, without ? or #, {_EXAMPLE}."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def split_address(text: str) -> SplitResult | None:
    """The parts of an address, None where it has none; what is wrong would be told in its words."""
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname  # checked only when they are read
    except ValueError:
        return None
    return parts


def _is_host(host: str) -> bool:
    """Whether the name can be looked up at all: what IDNA refuses would fail deep in a request."""
    if ":" in host:  # an IPv6 address, which urlsplit has checked
        return True
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False
