"""By which host names the app may be opened (Streamlit's `server.allowedHosts`)."""

from collections.abc import Iterable
from urllib.parse import urlsplit


class AllowedHosts:
    """The allowed names; without any, all are allowed.

    `*.house.example` stands for every subdomain, as in Streamlit's own check of the WebSocket.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(_normalized(name) for name in names)

    def allow(self, host: str | None) -> bool:
        """Whether a `Host` header has one of them."""
        if not self._names:
            return True
        name = None if host is None else _name(host)
        return name is not None and any(_matches(name, allowed) for allowed in self._names)


def _name(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises ValueError unless it is a number
    except ValueError:
        return None
    has_more = parts.path or parts.query or parts.fragment or parts.username is not None
    return None if has_more or parts.hostname is None else _normalized(parts.hostname)


def _matches(name: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return name.endswith(allowed[1:])
    return allowed in ("*", name)


def _normalized(name: str) -> str:
    return name.strip().lower().rstrip(".").strip("[]")
