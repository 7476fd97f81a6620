"""A stretch of a log that stands before its newest lines."""

from dataclasses import dataclass

from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling.log_tail import MAX_CHARACTERS, MAX_LINES_PER_REQUEST, shown_lines
from vpo_monitor.polling.queries import Query, Route


@dataclass(frozen=True)
class LogPage:
    """Lines as plain text; `start` lines of the log stand before them.

    `is_whole` where they are as many as were asked for: else the log has become shorter.
    """

    lines: tuple[str, ...]
    start: int
    is_whole: bool


@dataclass(frozen=True)
class LogPageQuery(Query[LogPage]):
    """Lines that are written already, and so never change while the log is the same."""

    def fetch(self, client: VpoClient, previous: LogPage | None) -> LogPage:  # noqa: ARG002
        """Ask for the stretch; its text is bounded as that of the newest lines is."""
        wanted = dict(self.arguments)
        answer = client.logs(wanted["job_id"], lines=wanted["lines"], offset=wanted["start"])
        lines = shown_lines(answer.lines[: wanted["lines"]])
        if sum(map(len, lines)) > MAX_CHARACTERS:
            lines = shown_lines(lines, MAX_CHARACTERS // len(lines))
        return LogPage(lines, wanted["start"], is_whole=len(lines) == wanted["lines"])


def log_pages(job_id: str, start: int, end: int, epoch: int) -> list[LogPageQuery]:
    """What to ask for lines `start` to `end` (counted from 0, `end` not among them).

    `epoch` is that of the log's tail: after a resynchronisation the same numbers are other lines.
    """
    return [
        LogPageQuery(
            Route.LOGS,
            VpoClient.logs,
            (
                ("epoch", epoch),
                ("job_id", job_id),
                ("lines", min(MAX_LINES_PER_REQUEST, end - first)),
                ("start", first),
            ),
        )
        for first in range(start, end, MAX_LINES_PER_REQUEST)
    ]
