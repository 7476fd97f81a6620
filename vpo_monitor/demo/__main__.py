"""Run the demo server alone: `python -m vpo_monitor.demo --port 8322`."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from . import console
from .faults import Fault
from .server import DemoServer, start

_PROGRAM = "python -m vpo_monitor.demo"


def main(arguments: Sequence[str] | None = None, program: str = _PROGRAM) -> int:
    """Run until Ctrl-C; the exit status is 1 where the port is taken.

    `program` is what somebody has typed before the arguments, for the help.
    """
    given = _parser(program).parse_args(arguments)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _leave)
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
        print(f"Port {given.port} is taken. Choose another with --port.", file=sys.stderr)
        return 1
    with server:
        for fault in given.fault:
            server.faults.set(Fault(fault))
        print(f"A demo VPO server answers at {server.url}", flush=True)
        if given.console:
            _read_lines(server)
        threading.Event().wait()
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Run the demo VPO server alone.",
        epilog=f"With --console, {console.HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8322, help="default 8322; 0: a free one")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    parser.add_argument("--token", help="ask for this token as the Basic password")
    parser.add_argument("--history", type=int, default=300, help="number of past jobs")
    parser.add_argument("--no-worker", action="store_true", help="leave the queue as it is")
    parser.add_argument("--pace", type=float, default=1.0, help="2: twice as fast")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        choices=[str(fault) for fault in Fault],
        help="on from the start; may be given more than once",
    )
    parser.add_argument(
        "--console", action="store_true", help="read faults from standard input, see below"
    )
    return parser


def _read_lines(server: DemoServer) -> None:
    for line in sys.stdin:
        print(console.obey(line, server.faults), flush=True)


def _leave(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
