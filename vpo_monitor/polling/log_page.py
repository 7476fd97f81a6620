"""A range of a log before its newest lines."""

from dataclasses import dataclass

from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling.log_tail import MAX_CHARACTERS, MAX_LINES_PER_REQUEST, shown_lines
from vpo_monitor.polling.queries import Query, Route


@dataclass(frozen=True)
class LogPage:
    """Lines as plain text, after the first `start` lines of the log.

    `is_whole` if they are as many as requested; otherwise the log has become shorter.
    """

    lines: tuple[str, ...]
    start: int
    is_whole: bool


def log_pages(job_id: str, start: int, end: int, epoch: int) -> list[Query[LogPage]]:
    """Return the queries for lines `start` to `end`, counted from 0 and without `end`.

    `epoch` is that of the log's tail: after a resync the same numbers are other lines.
    """
    return [
        Query(
            Route.LOGS,
            _page,
            (
                ("epoch", epoch),
                ("job_id", job_id),
                ("lines", min(MAX_LINES_PER_REQUEST, end - first)),
                ("start", first),
            ),
        )
        for first in range(start, end, MAX_LINES_PER_REQUEST)
    ]


def _page(client: VpoClient, *, job_id: str, lines: int, start: int, epoch: int) -> LogPage:  # noqa: ARG001 - see log_pages
    """Request the lines; their text is bounded as that of the newest lines is."""
    answer = client.logs(job_id, lines=lines, offset=start)
    shown = shown_lines(answer.lines[:lines])
    if sum(map(len, shown)) > MAX_CHARACTERS:
        shown = shown_lines(shown, MAX_CHARACTERS // len(shown))
    return LogPage(shown, start, is_whole=len(shown) == lines)
