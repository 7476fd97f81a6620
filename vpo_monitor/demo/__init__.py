"""A small VPO simulator: sample jobs over VPO's HTTP API, for the app without a VPO."""

from .server import DemoServer, start

__all__ = ["DemoServer", "start"]
