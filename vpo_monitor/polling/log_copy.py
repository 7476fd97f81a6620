"""A whole log, page by page, for a viewer who downloads it."""

import tempfile
import threading
from dataclasses import dataclass, field, replace

from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.log_tail import MAX_LINES_PER_REQUEST
from vpo_monitor.polling.queries import Route

MAX_BYTES = 64 << 20


class _Text:
    """Text on disk rather than in memory, deleted with this object. Thread-safe."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when nobody has it any more
        self._lock = threading.Lock()

    def __del__(self) -> None:
        self._file.close()

    def write(self, place: int, text: bytes) -> None:
        with self._lock:
            self._file.seek(place)
            self._file.write(text)

    def read(self, size: int) -> bytes:
        with self._lock:
            self._file.seek(0)
            return self._file.read(size)


@dataclass(frozen=True)
class LogCopy:
    """The first `end` of `total_lines` lines, as plain text of `size` bytes.

    `is_full` if the copy ended because it exceeded `MAX_BYTES`, `is_short` if the log has become
    shorter.
    """

    total_lines: int
    end: int = 0
    size: int = 0
    is_full: bool = False
    is_short: bool = False
    text: _Text = field(default_factory=_Text, compare=False, repr=False)

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be copied."""
        return self.is_full or self.is_short or self.end >= self.total_lines

    def read(self) -> bytes:
        """Return the text so far in UTF-8, each line ended by a newline."""
        return self.text.read(self.size)


def log_copy(job_id: str, end: int, epoch: int) -> BulkQuery[LogCopy]:
    """Copy the first `end` lines of a log whose tail is of that `epoch`."""
    arguments = (("end", end), ("epoch", epoch), ("job_id", job_id))
    return BulkQuery(Route.LOGS, _copy, arguments)


def _copy(job_id: str, end: int, epoch: int) -> Steps[LogCopy]:  # noqa: ARG001 - `epoch` tells one log from the next
    copied = LogCopy(end)
    while not copied.is_done:
        count = min(MAX_LINES_PER_REQUEST, end - copied.end)
        answer = yield copied, queries.log_lines(job_id, lines=count, offset=copied.end)
        lines = answer.lines[:count]
        text = "".join(f"{plain_line(line)}\n" for line in lines).encode()
        copied.text.write(copied.size, text)
        size = copied.size + len(text)
        copied = replace(
            copied,
            end=copied.end + len(lines),
            size=size,
            is_full=size > MAX_BYTES,
            is_short=len(lines) < count,
        )
    return copied
