"""A whole log, page by page, for the viewers who download it: one copy for all of them."""

import threading
from dataclasses import dataclass, field, replace
from weakref import WeakSet

from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.log_tail import MAX_LINES_PER_REQUEST
from vpo_monitor.polling.queries import Route

MAX_BYTES = 64 << 20
MAX_BYTES_IN_ALL = 256 << 20
"""Of all copies of this process together, as long as somebody has them."""


class _Text:
    """Text in pieces until it is read; then all who read it share one value. Thread-safe."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._lock = threading.Lock()
        _texts.add(self)

    def write(self, place: int, text: bytes) -> None:
        """Replace what is there from `place` on."""
        with self._lock:
            if place < self.size:
                self._pieces = [b"".join(self._pieces)[:place]]
            self._pieces.append(text)
            self.size = place + len(text)

    def read(self, size: int) -> bytes:
        with self._lock:
            if len(self._pieces) != 1:
                self._pieces = [b"".join(self._pieces)]
            return self._pieces[0][:size]  # not a copy if that is all


_texts: "WeakSet[_Text]" = WeakSet()


def bytes_in_all() -> int:
    """Return the size of all copies that somebody has."""
    return sum(text.size for text in list(_texts))


@dataclass(frozen=True)
class LogCopy:
    """The first `end` of `total_lines` lines, as plain text of `size` bytes.

    The last line, which may not be whole yet, begins at `last_at`. `is_full` if the copy ended
    because it reached a limit, `is_short` if the log has become shorter.
    """

    total_lines: int = 0
    end: int = 0
    size: int = 0
    last_at: int = 0
    is_full: bool = False
    is_short: bool = False
    text: _Text = field(default_factory=_Text, compare=False, repr=False)

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be copied, unless the log grows."""
        return self.is_full or self.is_short or 0 < self.total_lines <= self.end

    def read(self) -> bytes:
        """Return the text so far in UTF-8, each line ended by a newline."""
        return self.text.read(self.size)


def log_copy(job_id: str, epoch: int) -> BulkQuery[LogCopy]:
    """Copy a log whose tail is of that `epoch`; if newer data is wanted, what was added to it."""
    return BulkQuery(Route.LOGS, _copy, (("epoch", epoch), ("job_id", job_id)))


def _copy(job_id: str, epoch: int) -> Steps[LogCopy]:  # noqa: ARG001 - `epoch` tells one log from the next
    copied = LogCopy()
    while not (copied.is_full or copied.is_short):
        if copied.is_done:
            yield copied, None
        offset, place = copied.end, copied.size
        if copied.is_done:  # the last line may have grown
            offset, place = copied.end - 1, copied.last_at
        answer = yield copied, queries.log_lines(job_id, lines=MAX_LINES_PER_REQUEST, offset=offset)
        texts = [f"{plain_line(line)}\n".encode() for line in answer.lines]
        if not texts:
            copied = replace(copied, is_short=True)
            continue
        text = b"".join(texts)
        copied.text.write(place, text)
        end, size = offset + len(texts), place + len(text)
        copied = replace(
            copied,
            total_lines=max(answer.total_lines, end),
            end=end,
            size=size,
            last_at=size - len(texts[-1]),
            is_full=size > MAX_BYTES or bytes_in_all() > MAX_BYTES_IN_ALL,
        )
    return copied
