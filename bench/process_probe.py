"""The app, with somebody inside who counts what it holds: `python -m bench.process_probe [FLAGS]`.

Takes the flags of `streamlit run`. For each line on standard input, writes the current
`ProcessCounts` as a line of JSON to the file descriptor PROBE_OUTPUT_FD. If SOAK_INTERVAL is set,
the app polls at that interval in seconds, without a budget, so that a server can change often.
"""

import gc
import json
import os
import signal
import sys
import threading
from collections import Counter
from dataclasses import asdict, dataclass

from streamlit.runtime import get_instance
from streamlit.web import cli

from vpo_monitor import config

_MOST_REQUESTS = 100_000


@dataclass
class ProcessCounts:
    """What the process holds: how many objects of each type, threads by name, and so on.

    `sessions` are those that are connected or may come back, `files` those for download.
    """

    objects: dict[str, int]
    threads: dict[str, int]
    sessions: int
    files: int


def main() -> None:
    """Run the app and answer questions until it ends, or until standard input does."""
    if interval := os.environ.get("SOAK_INTERVAL"):
        _low, high = config.RANGES["poll_interval"]
        config.RANGES["poll_interval"] = float(interval), high
        config.RANGES["requests_per_minute"] = 1, _MOST_REQUESTS
        os.environ["VPO_MONITOR_POLL_INTERVAL"] = interval
        os.environ["VPO_MONITOR_REQUESTS_PER_MINUTE"] = str(_MOST_REQUESTS)
    threading.Thread(target=_answer, daemon=True, name="bench-probe").start()
    sys.argv = ["streamlit", "run", "app.py", *sys.argv[1:]]
    cli.main()


def _answer() -> None:
    # The file stays open: it may be the standard output, on which Streamlit says that it stops.
    with os.fdopen(int(os.environ.get("PROBE_OUTPUT_FD", "1")), "w", closefd=False) as answers:
        for _line in sys.stdin:
            print(json.dumps(asdict(_count())), file=answers, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)  # whoever asked is gone


def _count() -> ProcessCounts:
    gc.collect()
    kinds = Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
    names = Counter(thread.name.split("-")[0] for thread in threading.enumerate())
    runtime = get_instance()
    return ProcessCounts(
        dict(kinds),
        dict(names),
        runtime._session_mgr.num_sessions(),  # noqa: SLF001 - nothing public tells
        len(runtime.media_file_mgr._file_metadata),  # noqa: SLF001
    )


if __name__ == "__main__":
    main()
