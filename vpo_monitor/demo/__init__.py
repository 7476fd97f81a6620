"""A VPO-compatible server with a living queue: the app's default, and what tests run on."""

from .faults import Fault
from .recorder import RecordedRequest
from .server import DemoServer, start

__all__ = ["DemoServer", "Fault", "RecordedRequest", "start"]
