"""What one line says of a server: how well it is connected, what it counts, and what runs there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vpo_monitor.api.models import JobPage
from vpo_monitor.config import PollingConfig
from vpo_monitor.insight import number_format, progress
from vpo_monitor.insight.connection import Connection, report
from vpo_monitor.insight.formatting import NO_FILE, display_name, truncate
from vpo_monitor.insight.overview import RUNNING
from vpo_monitor.insight.reader import Reader, ReaderMemory
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.snapshot import TOGETHER, Snapshot

_PATIENCE = 0.1
"""Seconds that a page waits for all other servers together, out of its own patience."""
_MOST_NAMED = 2
_LONGEST_NAME = 40


@dataclass(frozen=True)
class ServerState:
    """A server at one look. `runs` holds a few words a job, plain text, and none for all that run.

    `answered_at` is when it answered last, a whole minute by our own clock, and None where it does
    so now or never has since the app was started. The counts are those of then.
    """

    connection: Connection
    running: int | None
    queued: int | None
    failed: int | None
    runs: tuple[str, ...]
    answered_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether it has answered at all."""
        return self.queued is not None or self.running is not None


@dataclass(frozen=True)
class OtherServer:
    """A server that a page shows a line of, and what the viewer's looks at it keep."""

    poller: Poller
    polling: PollingConfig
    memory: ReaderMemory


def read_server_states(page: Reader, servers: Mapping[str, OtherServer]) -> dict[str, ServerState]:
    """Look at servers beside the one that the `page` is of.

    All are asked before any is waited for, which takes a tenth of a second at most for all of them
    together: one that answers as usual is seen at once, and not by a second look. What is still to
    come is noted in the page's reader, so that the page comes back for it.

    Where the page has asked its own server, the others are asked along with it, once a minute at
    most. Else each would have the viewer come at a moment of its own, in every interval, for ever.
    """
    for one in servers.values():
        reader, _running = _read(one, 0.0)
        if page.has_asked() and one.polling.interval == page.polling.interval:
            reader.gather(page.begun - TOGETHER)
    spare = max(0.0, page.patience_left - _PATIENCE)
    return {
        name: _look(page, one, max(0.0, page.patience_left - spare))
        for name, one in servers.items()
    }


def _read(one: OtherServer, patience: float) -> tuple[Reader, Snapshot[JobPage]]:
    reader = Reader(one.poller, one.polling, one.memory, patience=patience)
    return reader, reader.read(RUNNING, newer_than=reader.changed_at("jobs_running"))


def _look(page: Reader, one: OtherServer, patience: float) -> ServerState:
    reader, running = _read(one, patience)
    page.elsewhere += [running, reader.health]
    said = report(
        reader.snapshots,
        reader.health,
        one.poller.now(),
        polling=one.polling.enabled,
        is_idle=reader.is_idle,
    )
    health = reader.health.data
    jobs = running.data.rows if running.data else ()
    return ServerState(
        connection=said.connection,
        running=health.jobs_running if health else None,
        queued=health.jobs_queued if health else None,
        failed=health.recent_errors if health else None,
        runs=_words_of([(job.file_path, progress.percent(job)) for job in jobs]),
        answered_at=_last_answer(reader) if said.connection.is_failure else None,
    )


def _words_of(jobs: list[tuple[str, float | None]]) -> tuple[str, ...]:
    named = tuple(
        ("" if percent is None else f"{number_format.percent(percent)} ")
        + truncate(display_name(path, NO_FILE), _LONGEST_NAME)
        for path, percent in jobs[:_MOST_NAMED]
    )
    more = len(jobs) - len(named)
    return (*named, f"and {number_format.count(more)} more") if more else named


def _last_answer(reader: Reader) -> datetime | None:
    """In whole minutes: two looks at the same moment differ by what they take."""
    if reader.health.fetched_at is None:
        return None
    return reader.seen_at(reader.health.fetched_at).replace(second=0, microsecond=0)
