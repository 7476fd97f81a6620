"""The Prometheus metrics at `/metrics`; see `docs/reference/metrics.md`.

The Prometheus client is optional: if no port is set, only `endpoint.py` and `sources.py` are
imported.
"""
