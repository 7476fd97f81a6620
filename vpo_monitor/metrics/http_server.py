"""The listener: a registry of our own, so that nothing else of the process is served with it."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, start_http_server

from vpo_monitor.metrics.collector import VpoCollector
from vpo_monitor.metrics.sources import Sources


def listen(port: int, address: str, sources: Sources) -> Callable[[], None]:
    """Answer scrapes in threads that do not keep the process alive; what is returned ends it.

    Raises OSError where it cannot listen.
    """
    registry = CollectorRegistry()
    registry.register(VpoCollector(sources))
    server, thread = start_http_server(port, address, registry)

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return stop
