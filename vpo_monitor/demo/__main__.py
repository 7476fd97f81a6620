"""Run the demo server alone: `python -m vpo_monitor.demo --port 8322`."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence

from .server import start


def main(
    arguments: Sequence[str] | None = None, program: str = "python -m vpo_monitor.demo"
) -> int:
    """Run until Ctrl-C; return 1 if the port is taken. `program` is the name shown in the help."""
    parser = argparse.ArgumentParser(prog=program, description="Run the demo VPO server alone.")
    parser.add_argument("--port", type=int, default=8322, help="default 8322; 0: a free one")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1")
    parser.add_argument("--history", type=int, default=300, help="number of finished jobs")
    parser.add_argument("--pace", type=float, default=1.0, help="2: twice as fast")
    parser.add_argument("--seed", type=int, help="a number; the same one gives the same jobs")
    options = parser.parse_args(arguments)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _exit)
    try:
        server = start(**vars(options))
    except OSError:
        print(f"Port {options.port} is taken. Choose another with --port.", file=sys.stderr)
        return 1
    with server:
        print(f"A demo VPO server answers at {server.url}", flush=True)
        threading.Event().wait()
    return 0


def _exit(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
