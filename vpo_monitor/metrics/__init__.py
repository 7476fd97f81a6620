"""The Prometheus metrics at `/metrics`; see `docs/reference/metrics.md`.

The Prometheus client is optional: the first scrape imports it, with `exposition.py`.
"""
