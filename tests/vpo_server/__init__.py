"""A VPO server for tests: the demo with faults, a request log, a login and a rate limit."""

from vpo_monitor.demo import DemoServer as VpoServer
from vpo_monitor.demo import Fault, LoggedRequest, request_guard, start
from vpo_monitor.demo.clock import utc_now
from vpo_monitor.demo.faults import MALFORMED_KINDS, ROUTES, FaultOptions
from vpo_monitor.demo.logs import READ_WHOLE_BYTES, Logs, LogWriter
from vpo_monitor.demo.sample_media import FAILURES, media_file
from vpo_monitor.demo.store import JobFilter

__all__ = [
    "FAILURES",
    "MALFORMED_KINDS",
    "READ_WHOLE_BYTES",
    "ROUTES",
    "Fault",
    "FaultOptions",
    "JobFilter",
    "LogWriter",
    "LoggedRequest",
    "Logs",
    "VpoServer",
    "media_file",
    "request_guard",
    "start",
    "utc_now",
]
