"""Serves the metrics at a port of their own, where one is set."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.metrics.sources import Sources

_log = logging.getLogger(__name__)

_NO_LIBRARY = (
    "A port for metrics is set, but the Python package prometheus-client is missing or too old, so "
    "none are served. Install it as docs/how-to/prometheus.md says, and start the app again."
)


def _nothing() -> None:
    """Nothing is served, so nothing has to be stopped."""


@dataclass(frozen=True)
class Endpoint:
    """Metrics that are served until `stop` is called; `problem` says why none are, in a sentence.

    None of both where no port is set.
    """

    problem: str | None = None
    stop: Callable[[], None] = _nothing


def serve(port: int | None, address: str, sources: Sources) -> Endpoint:
    """Serve at this port of this address, None for nowhere; never raises.

    What keeps it from being served is told to the log, once, as the app goes on without.
    """
    if port is None:
        return Endpoint()
    try:
        # Here, as the library is optional and costs memory.
        from vpo_monitor.metrics.http_server import listen  # noqa: PLC0415
    except ImportError:
        return _failed(_NO_LIBRARY)
    try:
        return Endpoint(stop=listen(port, address, sources))
    except OSError as error:
        why = error.strerror or "the system gave no reason"
        return _failed(
            f"No metrics are served, as port {port} of {address} cannot be listened at: {why}. Set "
            "another one, and start the app again."
        )


def _failed(problem: str) -> Endpoint:
    _log.warning("%s", problem)
    return Endpoint(problem)
