"""The HTTP listener for metrics, with its own registry so that it exports no other metrics."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, start_http_server

from vpo_monitor.metrics.collector import VpoCollector
from vpo_monitor.metrics.sources import Sources


def listen(port: int, address: str, sources: Sources) -> Callable[[], None]:
    """Serve scrapes in daemon threads and return a function that stops the server.

    Raises OSError if the address is unavailable.
    """
    registry = CollectorRegistry()
    registry.register(VpoCollector(sources))
    server, thread = start_http_server(port, address, registry)

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return stop
