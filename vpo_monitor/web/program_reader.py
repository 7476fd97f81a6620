"""What the routes for other programs read of a server: of all routes, it is one reader."""

import threading
from collections import defaultdict

from vpo_monitor.analysis.program_reader import KnownServer, read_for_programs
from vpo_monitor.analysis.reader import ReaderMemory
from vpo_monitor.metrics.sources import Target


class ProgramReader:
    """Reads servers for all programs, one at a time, as they share what it remembers."""

    def __init__(self) -> None:
        self._memories: defaultdict[str, ReaderMemory] = defaultdict(ReaderMemory)
        self._lock = threading.Lock()

    def read(self, target: Target) -> KnownServer:
        """Return what is known of a server, and request what is older than a minute."""
        with self._lock:
            return read_for_programs(
                target.poller,
                target.tracker,
                self._memories[target.name],
                target.stalled_after,
                is_polling=target.polling.enabled,
            )
