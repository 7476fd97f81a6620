"""A VPO server for tests: the demo with faults, a request log, a login and a rate limit."""

from vpo_monitor.demo import server as demo_server
from vpo_monitor.demo.clock import utc_now
from vpo_monitor.demo.sample_media import FAILURES, MediaFile, media_file

from .faults import MALFORMED_KINDS, ROUTES, Fault, FaultOptions
from .logs import READ_WHOLE_BYTES, Logs, LogWriter
from .request_log import LoggedRequest
from .server import VpoServer, start

__all__ = [
    "FAILURES",
    "MALFORMED_KINDS",
    "READ_WHOLE_BYTES",
    "ROUTES",
    "Fault",
    "FaultOptions",
    "LogWriter",
    "LoggedRequest",
    "Logs",
    "MediaFile",
    "VpoServer",
    "demo_server",
    "media_file",
    "start",
    "utc_now",
]
