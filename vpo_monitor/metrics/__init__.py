"""What Prometheus finds at `/metrics`, where a port is set for it; see `docs/reference/metrics.md`.

Unless one is set nothing but `endpoint.py` and `sources.py` is imported: the library is optional.
"""
