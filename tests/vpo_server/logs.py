"""Job logs as VPO keeps them: a text file for each job, read by line number."""

import gzip
import threading
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from vpo_monitor.demo.api import is_uuid

READ_WHOLE_BYTES = 10 * 1024 * 1024
"""A log of at most this size is split as one text, a larger one as it is read."""
BUFFERED_LINES = 100
"""How many lines a job holds back before they reach its log."""


class LogPage(NamedTuple):
    """Some lines of a log, how many it has as VPO counts them, and whether more follow."""

    lines: list[str]
    total: int
    has_more: bool


class Logs:
    """The logs in one folder, which is made if need be; any thread may use it.

    Only a UUID can name a log: with any other job id there is nothing to read, and writing raises
    ValueError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Reading takes the lock too, so that no reader finds a log between .log and .log.gz.
        self._lock = threading.RLock()
        folder.mkdir(exist_ok=True)

    def append(self, job_id: str, lines: Sequence[str]) -> None:
        """Add lines to the end, readable on return; without lines, the log exists from now on.

        A line may contain separators: it is then read back as several. Nothing can be added to a
        compressed log: VPO goes on reading the compressed file.
        """
        with self._lock, self._path(job_id).open("a", encoding="utf-8", newline="\n") as file:
            if lines:
                file.write("\n".join(lines) + "\n")

    def replace(self, job_id: str, lines: Sequence[str]) -> None:
        """Make these lines the whole log; no reader finds it missing in between."""
        with self._lock:
            self.delete(job_id)
            self.append(job_id, lines)

    def read(self, job_id: str, *, limit: int, offset: int) -> LogPage:
        """Return up to `limit` lines from line `offset` (0 is the first) on.

        Up to `READ_WHOLE_BYTES`, and at any size once compressed, a log is split wherever
        `str.splitlines` does; a larger one only at newlines. So `total` can become smaller, and a
        number mean another line, when a log grows beyond that size.
        """
        with self._lock:
            if not self.exists(job_id):
                return LogPage([], 0, has_more=False)
            path = self._path(job_id)
            compressed = self._compressed(job_id)
            if compressed.exists():
                with gzip.open(compressed, "rt", encoding="utf-8", errors="replace") as file:
                    return _split_whole(file.read(), limit, offset)
            with path.open(encoding="utf-8", errors="replace") as file:
                if path.stat().st_size <= READ_WHOLE_BYTES:
                    return _split_whole(file.read(), limit, offset)
                before = sum(1 for _ in islice(file, offset))
                lines = [line.rstrip("\n\r") for line in islice(file, limit)]
                total = before + len(lines) + sum(1 for _ in file)
                return LogPage(lines, total, has_more=offset + len(lines) < total)

    def exists(self, job_id: str) -> bool:
        """Tell whether a job has a log, compressed or not, be it empty."""
        with self._lock:
            return is_uuid(job_id) and (
                self._compressed(job_id).exists() or self._path(job_id).exists()
            )

    def compress(self, job_id: str) -> None:
        """Compress a log as VPO does after 7 days; one that is not there stays away."""
        with self._lock:
            path = self._path(job_id)
            if path.exists():
                self._compressed(job_id).write_bytes(gzip.compress(path.read_bytes()))
                path.unlink()

    def delete(self, job_id: str) -> None:
        """Remove a log as VPO does after 90 days; one that is not there stays away."""
        if not is_uuid(job_id):
            return
        with self._lock:
            self._path(job_id).unlink(missing_ok=True)
            self._compressed(job_id).unlink(missing_ok=True)

    def _path(self, job_id: str) -> Path:
        if not is_uuid(job_id):
            raise ValueError(f"Only a UUID can name a log, not {job_id!r}")
        return self._folder / f"{job_id}.log"

    def _compressed(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.log.gz"


class LogWriter:
    """What a running job writes its log through; the log exists, empty, from the start.

    Lines are held back until there are `BUFFERED_LINES` of them, or until `close`. One thread
    writes.
    """

    def __init__(self, logs: Logs, job_id: str) -> None:
        self._logs = logs
        self._job_id = job_id
        self._buffer: list[str] = []
        logs.append(job_id, [])

    def write(self, lines: Sequence[str]) -> None:
        """Add lines; each time the buffer is full, all of it can be read at once."""
        self._buffer += lines
        while len(self._buffer) >= BUFFERED_LINES:
            self._logs.append(self._job_id, self._buffer[:BUFFERED_LINES])
            del self._buffer[:BUFFERED_LINES]

    def close(self) -> None:
        """Make readable what is still held back."""
        self._logs.append(self._job_id, self._buffer)
        self._buffer = []


def _split_whole(text: str, limit: int, offset: int) -> LogPage:
    lines = text.splitlines()
    return LogPage(lines[offset : offset + limit], len(lines), offset + limit < len(lines))
