"""Run the demo server alone: `python -m vpo_monitor.demo --port 8322`."""

import argparse
import signal
import sys
import threading

from .faults import Fault
from .server import start


def main() -> int:
    """Run until Ctrl-C; the exit status is 1 where the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m vpo_monitor.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8322, help="default 8322; 0: a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--token", help="ask for this token as the Basic password")
    parser.add_argument("--history", type=int, default=300, help="number of past jobs")
    parser.add_argument("--no-worker", action="store_true", help="leave the queue as it is")
    parser.add_argument("--pace", type=float, default=1.0, help="2: twice as fast")
    parser.add_argument(
        "--fault", action="append", default=[], choices=[str(fault) for fault in Fault]
    )
    given = parser.parse_args()
    try:
        server = start(
            port=given.port,
            host=given.host,
            token=given.token,
            history=given.history,
            worker=not given.no_worker,
            pace=given.pace,
        )
    except OSError:
        print(f"Port {given.port} is taken. Choose another with --port.", file=sys.stderr)  # noqa: T201 - its one message
        return 1
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    with server:
        for fault in given.fault:
            server.faults.set(Fault(fault))
        print(f"A demo VPO server answers at {server.url}", flush=True)  # noqa: T201 - its one message
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
