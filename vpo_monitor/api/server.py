"""The address and token of a VPO server."""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

DEFAULT_ADDRESS = "http://127.0.0.1:8321"
"""Where `vpo serve` listens by default."""
ADDRESS_SETTING, TOKEN_SETTING = "VPO_MONITOR_API_URL", "VPO_MONITOR_API_TOKEN"
_EXAMPLE = "for example http://192.168.1.5:8321"


class InvalidAddress(ValueError):
    """An invalid address; `str()` is a sentence that says what to change."""


@dataclass(frozen=True)
class Server:
    """A VPO server: `url` is its validated address without a trailing slash.

    The token is excluded from `repr` and `vars`. `public_url` is the address at which viewers reach
    VPO's own pages, if it is another one. The `…_setting` fields are the names of the
    settings for the address and the token, for use in messages.
    """

    name: str
    url: str
    token: SecretStr | None = None
    address_setting: str = ADDRESS_SETTING
    token_setting: str = TOKEN_SETTING
    public_url: str | None = None

    @property
    def pages_url(self) -> str:
        """The address of VPO's own pages, for viewers."""
        return self.public_url or self.url


def parse_address(address: str, setting: str, token_setting: str = TOKEN_SETTING) -> str:
    """Validate the address from `setting`; return it without query, fragment or trailing slash.

    Raises InvalidAddress with a sentence that repeats no part of an address that may hold
    credentials.
    """
    text = address.strip()
    if not text.isprintable() or " " in text:
        raise InvalidAddress(
            f"{setting} contains a space or control character. Set one address, {_EXAMPLE}."
        )
    parts = split_address(text)
    if parts is None:
        raise InvalidAddress(
            f"{setting} is not a valid address. Use a port from 1 to 65535, and square brackets "
            f"around an IPv6 address, {_EXAMPLE}."
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidAddress(
            f"{setting} must not contain a user name or password. "
            f"Put VPO's token into {token_setting} instead."
        )
    if parts.scheme not in ("http", "https"):
        raise InvalidAddress(f"{setting} must start with http:// or https://, {_EXAMPLE}.")
    if not parts.hostname or not _is_host(parts.hostname) or parts.port == 0:
        raise InvalidAddress(f"{setting} has no valid host and port. Set both, {_EXAMPLE}.")
    if parts.query or parts.fragment:
        raise InvalidAddress(
            f"{setting} must not contain ? or #. Set the address alone, {_EXAMPLE}."
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def split_address(text: str) -> SplitResult | None:
    """Split the address; returns None on failure, because the error would quote the address."""
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname  # validated on first access
    except ValueError:
        return None
    return parts


def _is_host(host: str) -> bool:
    """Whether the host name can be resolved: one that IDNA rejects would fail deep in a request."""
    if ":" in host:  # an IPv6 address, already validated by urlsplit
        return True
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False
