"""Serve the metrics on a separate port, if one is set."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.metrics.sources import Sources

_log = logging.getLogger(__name__)

_NO_LIBRARY = (
    "Metrics are off: the Python package prometheus-client is missing or too old. Install it as "
    "described in docs/how-to/prometheus.md, then restart the app."
)


def _nothing() -> None:
    """Do nothing, as no server is running."""


@dataclass(frozen=True)
class Endpoint:
    """A metrics server, running until `stop` is called. `problem` says why it could not start.

    If no port is set, `stop` does nothing and `problem` is None.
    """

    problem: str | None = None
    stop: Callable[[], None] = _nothing


def serve(port: int | None, address: str, sources: Sources) -> Endpoint:
    """Serve metrics on this address and port (None: do not serve). Never raises.

    A failure is logged once, and the app continues without metrics.
    """
    if port is None:
        return Endpoint()
    try:
        # Imported here because the library is optional and uses memory.
        from vpo_monitor.metrics.http_server import listen  # noqa: PLC0415
    except ImportError:
        return _failed(_NO_LIBRARY)
    try:
        return Endpoint(stop=listen(port, address, sources))
    except OSError as error:
        why = error.strerror or "the system gave no reason"
        return _failed(
            f"Metrics are off: {address} port {port} cannot be opened: {why}. Set another one, "
            "then restart the app."
        )


def _failed(problem: str) -> Endpoint:
    _log.warning("%s", problem)
    return Endpoint(problem)
