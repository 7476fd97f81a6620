"""A VPO-compatible server with a living queue: the app's default, and what tests run on."""

from .faults import Fault
from .request_log import LoggedRequest
from .server import DemoServer, start

__all__ = ["DemoServer", "Fault", "LoggedRequest", "start"]
