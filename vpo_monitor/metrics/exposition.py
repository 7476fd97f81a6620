"""The text that Prometheus reads, from a registry of our own: no other metrics of the process."""

from prometheus_client import CollectorRegistry, generate_latest

from vpo_monitor.metrics.collector import VpoCollector
from vpo_monitor.metrics.sources import Sources

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Exposition:
    """Collects all metrics of the sources, and writes them as text."""

    def __init__(self, sources: Sources) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(VpoCollector(sources))

    def text(self) -> bytes:
        """One scrape. It may wait for VPO, as briefly as a page does."""
        return generate_latest(self._registry)
