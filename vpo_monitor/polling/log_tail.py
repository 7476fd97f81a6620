"""The newest lines of a job's log, followed by requesting only what is new."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vpo_monitor.api.models import LogLines
from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling import queries
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.queries import Priority, Route

MAX_LINES_PER_REQUEST = 1000
"""VPO clamps `lines` to this."""
OPENING_LINES = 500
MOST_LINES = 1_000_000_000
"""No log has more."""
MAX_LINES = 5000
MAX_CHARACTERS = 1_000_000
"""Kept of one log, however long it gets."""
MAX_LINE = 20_000
"""Maximum characters kept of one line; the number of omitted ones is added at its end."""
_ANCHOR_LINES = 20
_ANCHOR_CHARACTERS = 2000
_STAMPED = "["
_STAMP_LENGTH = len("[2026-11-23T21:52:29.609764Z]")


@dataclass(frozen=True)
class LogTail:
    """The last lines of a log as plain text; the newest is line number `end`, counted from 1.

    `epoch` increases when the log turns out to be a different one, so that earlier lines don't join
    with these; `resynced` says why, in words. `is_gone`: the server has no lines any more, and
    these were read before.
    """

    lines: tuple[str, ...] = ()
    end: int = 0
    total_lines: int = 0
    epoch: int = 0
    resynced: str | None = None
    is_gone: bool = False
    is_complete: bool = True
    reopen_at: int | None = None
    """The offset at which the next request starts over; None if it continues."""

    @property
    def start(self) -> int:
        """The number of lines before these."""
        return self.end - len(self.lines)


SHRANK = "it got shorter"
CHANGED = "its lines were renumbered"
JUMPED = "too many new lines at once"


def log_tail(job_id: str) -> BulkQuery[LogTail]:
    """Follow the newest lines of a job's log."""
    return BulkQuery(Route.LOGS, _follow, (("job_id", job_id),), Priority.IN_VIEW)


def _follow(job_id: str) -> Steps[LogTail]:
    """Request the last lines of a log, and then what is new.

    VPO counts offsets from the start, so the first request gets the length of the log (and all of a
    short one), the second its end, and each later one what is new.

    A later request begins with the last known lines, not after them: usually one, back to the last
    with VPO's time. VPO splits a log of up to 10 MiB at form feeds and the like, and a longer one
    at newlines only, so all line numbers shift when a log outgrows that. Also, a response can end
    with half a line that is still being written. The repeated lines show both.
    """
    tail = LogTail(reopen_at=0)
    while True:
        if tail.reopen_at is None:
            anchor = _anchor(tail.lines)
            offset, count = tail.end - len(anchor), MAX_LINES_PER_REQUEST
            answer = yield tail, queries.log_lines(job_id, lines=count, offset=offset)
            tail = _continued(tail, anchor, _counted(answer, offset))
        else:
            offset = tail.reopen_at
            count = OPENING_LINES if offset == 0 else MAX_LINES_PER_REQUEST
            answer = yield tail, queries.log_lines(job_id, lines=count, offset=offset)
            tail = _reopened(tail, offset, _counted(answer, offset))
        if tail.is_complete:
            yield tail, None


def _counted(answer: LogLines, offset: int) -> LogLines:
    """Correct an impossible number of lines.

    A server that counts fewer lines than it sends must not look as if its log had shrunk, and an
    impossible count must not lead to an end without lines.
    """
    least = offset + len(answer.lines) if answer.lines else 0
    told = answer.total_lines if answer.total_lines <= MOST_LINES else 0
    return answer.model_copy(update={"total_lines": max(told, least)})


def shown_lines(lines: Iterable[str], longest: int = MAX_LINE) -> tuple[str, ...]:
    """Return VPO's lines as plain text of bounded length."""
    return tuple(_cut(plain_line(line), longest) for line in lines)


def last_lines(lines: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Return the last of these lines, at most `most` and `MAX_CHARACTERS` characters."""
    kept = lines[-most:]
    characters = sum(map(len, kept))
    start = 0
    while characters > MAX_CHARACTERS and start < len(kept) - 1:
        characters -= len(kept[start])
        start += 1
    return kept[start:]


def _cut(line: str, longest: int) -> str:
    surplus = len(line) - longest
    return line if surplus <= 0 else f"{line[:longest]} … {surplus:,} more characters"


def _reopened(tail: LogTail, offset: int, answer: LogLines) -> LogTail:
    """Return the tail after an answer that starts over at `offset`."""
    last_page = answer.total_lines - OPENING_LINES
    if offset == 0 and last_page > 0:
        return replace(tail, reopen_at=last_page, is_complete=False)
    is_other = tail.resynced is not None  # until now, what was shown were the lines from before
    fresh = LogTail(epoch=tail.epoch + is_other, resynced=tail.resynced)
    read = _with(fresh, shown_lines(answer.lines), offset, answer)
    # A log that is a different one at each step must not be requested again and again.
    return replace(read, is_complete=True) if is_other else read


def _anchor(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last lines, enough to recognize them; none if the last was cut."""
    anchor: tuple[str, ...] = ()
    for line in reversed(lines[-_ANCHOR_LINES:]):
        longer = (line, *anchor)
        if len(line) > MAX_LINE or (anchor and sum(map(len, longer)) > _ANCHOR_CHARACTERS):
            return anchor
        anchor = longer
        if line.startswith(_STAMPED):
            break
    return anchor


def _continued(tail: LogTail, anchor: tuple[str, ...], answer: LogLines) -> LogTail:
    """Return the tail after an answer that should begin with `anchor`, the last known lines."""
    lines = shown_lines(answer.lines)
    if answer.total_lines == 0 and not lines:
        return replace(tail, is_gone=bool(tail.lines), is_complete=True)
    if answer.total_lines < tail.end:
        return _resync(tail, SHRANK, answer)
    again, new = lines[: len(anchor)], lines[len(anchor) :]
    if again != anchor:
        if again[:-1] != anchor[:-1] or not _is_half(anchor[-1], again[-1:]):
            return _resync(tail, CHANGED, answer)
        tail = replace(tail, lines=(*tail.lines[:-1], again[-1]))
    if answer.has_more and answer.total_lines - tail.end - len(new) > MAX_LINES:
        return _resync(tail, JUMPED, answer)
    return _with(replace(tail, is_gone=False), new, tail.end, answer)


def _is_half(line: str, whole: tuple[str, ...]) -> bool:
    """Whether a line that was read while it was written is the beginning of the whole one.

    A cut through a character or a color code changes both; then VPO's time at the start decides.
    """
    if not whole or not line:
        return False
    stamp = line[:_STAMP_LENGTH]
    is_stamped = len(stamp) == _STAMP_LENGTH and stamp.startswith(_STAMPED)
    return whole[0].startswith(stamp if is_stamped else line)


def _resync(tail: LogTail, reason: str, answer: LogLines) -> LogTail:
    """Keep what is shown until the end of the new log has been requested."""
    return replace(
        tail,
        resynced=reason,
        reopen_at=max(0, answer.total_lines - OPENING_LINES),
        is_complete=False,
    )


def _with(tail: LogTail, lines: tuple[str, ...], offset: int, answer: LogLines) -> LogTail:
    """Return the tail with `lines` added, the first of them after `offset` lines."""
    end = offset + len(lines)
    return replace(
        tail,
        lines=last_lines(tail.lines + lines, MAX_LINES),
        end=end,
        total_lines=max(end, answer.total_lines),
        reopen_at=None,
        # A server that promises lines and sends none must not be asked for them forever.
        is_complete=not (answer.has_more and lines),
    )
