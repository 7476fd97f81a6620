"""The newest lines of a job's log, followed by asking only for what is new."""

from dataclasses import dataclass

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import LogLines
from vpo_monitor.polling.queries import Query, Route

MAX_LINES_PER_REQUEST = 1000
"""VPO clamps `lines` to this."""


@dataclass(frozen=True)
class LogTail:
    """The last lines of a log: `lines` are those up to `end`, counted from the log's start.

    Where `end` is less than `total_lines`, the newest lines are yet to be asked for.
    """

    lines: tuple[str, ...]
    end: int
    total_lines: int

    @property
    def is_complete(self) -> bool:
        """Whether these are the newest lines that the server had."""
        return self.end >= self.total_lines


@dataclass(frozen=True)
class LogTailQuery(Query[LogTail]):
    """The last `size` lines of a log, in steps of one request each.

    The server counts offsets from the start, so the first request learns how long the log is (and
    is all where the log is short), the second gets its end, and each later one what is new.
    """

    size: int = 500

    def fetch(self, client: VpoClient, previous: LogTail | None) -> LogTail:
        """Take the next step from `previous`."""
        job_id = dict(self.arguments)["job_id"]
        if previous is None:
            answer = client.logs(job_id, lines=self.size, offset=0)
            return LogTail(answer.lines, len(answer.lines), answer.total_lines)
        if not previous.is_complete:
            start = max(0, previous.total_lines - self.size)
            answer = client.logs(job_id, lines=MAX_LINES_PER_REQUEST, offset=start)
            return self._append((), start, answer)
        answer = client.logs(job_id, lines=MAX_LINES_PER_REQUEST, offset=previous.end)
        if answer.total_lines < previous.end:
            # Another log stands there now: shorter, rotated or deleted. Its end comes next.
            kept = previous.lines if answer.total_lines else ()
            return LogTail(kept, 0, answer.total_lines)
        if answer.has_more:
            # More than fits in one answer: skip to the end rather than walk there.
            return LogTail(previous.lines, previous.end, answer.total_lines)
        return self._append(previous.lines, previous.end, answer)

    def is_complete(self, data: LogTail) -> bool:
        """Whether the newest lines are among them."""
        return data.is_complete

    def _append(self, lines: tuple[str, ...], end: int, answer: LogLines) -> LogTail:
        # A server that promises lines and sends none must not be asked for them for ever.
        new_end = end + len(answer.lines) if answer.lines else answer.total_lines
        total = max(new_end, answer.total_lines)
        return LogTail((lines + answer.lines)[-self.size :], new_end, total)


def log_tail(job_id: str, size: int = 500) -> LogTailQuery:
    """The last `size` lines of a job's log."""
    return LogTailQuery(Route.LOGS, VpoClient.logs, (("job_id", job_id),), size)
