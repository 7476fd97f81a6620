"""The address and port of the metrics server, as configured.

Invalid values are not quoted, because they may be misplaced secrets.
"""

import ipaddress

from vpo_monitor.setting import OFF, Setting, written

LOOPBACK = "127.0.0.1"
"""This machine only, because the metrics have no login."""
_LARGEST_PORT = 65535


def metrics_port(name: str, given: object, source: str) -> Setting[int | None]:
    """Return the port; None if metrics are off or, with a warning, if the port is invalid."""
    text = "" if given is None else str(given).strip()
    if not text or text.casefold() in OFF:
        return Setting(name, None, source)
    port = int(text) if text.isascii() and text.isdigit() and len(text) <= len("65535") else 0
    if 1 <= port <= _LARGEST_PORT:
        return Setting(name, port, source)
    warning = (
        f"{written(name, source)} is not a port, so no metrics are served. "
        f"Valid values: 1 to {_LARGEST_PORT}."
    )
    return Setting(name, None, source, warning)


def metrics_address(name: str, given: object, source: str) -> Setting[str]:
    """Return the address to listen at; the loopback address if the configured one is invalid."""
    text = LOOPBACK if given is None else str(given).strip()
    try:
        address = LOOPBACK if text == "localhost" else str(ipaddress.ip_address(text))
    except ValueError:
        warning = (
            f"{written(name, source)} is not an IP address, so {LOOPBACK} is used. Set one of "
            "this machine's, or 0.0.0.0 for all."
        )
        return Setting(name, LOOPBACK, source, warning)
    return Setting(name, address, source)
