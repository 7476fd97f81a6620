"""The state of a server in one line: its connection, its counts and its running jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vpo_monitor.analysis import number_format, progress
from vpo_monitor.analysis.connection import Connection, report
from vpo_monitor.analysis.formatting import NO_FILE, display_name, truncate
from vpo_monitor.analysis.reader import Reader, ReaderMemory
from vpo_monitor.api.models import JobPage
from vpo_monitor.config import PollingConfig
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import RUNNING
from vpo_monitor.polling.snapshot import TOGETHER, Snapshot

_PATIENCE = 0.1
"""Seconds that a page waits for all other servers together, from its own patience."""
_MOST_NAMED = 2
_LONGEST_NAME = 40


@dataclass(frozen=True)
class ServerState:
    """The state of a server at one time. `runs` describes running jobs as plain text.

    `answered_at` is the time of the last response in whole minutes of our own clock; None if the
    server responds now, or has not since the app started. The counts are from that response.
    """

    connection: Connection
    running: int | None
    queued: int | None
    failed: int | None
    runs: tuple[str, ...]
    answered_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether the server has responded at all."""
        return self.queued is not None or self.running is not None


@dataclass(frozen=True)
class OtherServer:
    """A server shown as one line, with the viewer's reader memory for it."""

    poller: Poller
    polling: PollingConfig
    memory: ReaderMemory


def read_server_states(page: Reader, servers: Mapping[str, OtherServer]) -> dict[str, ServerState]:
    """Read the states of the servers other than that of `page`.

    Requests to all servers are sent before waiting, at most 0.1 s for all together, so that fast
    responses are shown in the same render. Pending responses are noted in the page's reader, which
    renders the page again when they arrive.

    When the page polls its own server, the others are polled with it, at most once a minute. Each
    would otherwise trigger its own render in every interval.
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
        ("" if percent is None else f"{number_format.percent(progress.whole_percent(percent))} ")
        + truncate(display_name(path, NO_FILE), _LONGEST_NAME)
        for path, percent in jobs[:_MOST_NAMED]
    )
    more = len(jobs) - len(named)
    return (*named, f"and {number_format.count(more)} more") if more else named


def _last_answer(reader: Reader) -> datetime | None:
    """Return the time of the last response in whole minutes, so that equal states compare equal."""
    if reader.health.fetched_at is None:
        return None
    return reader.seen_at(reader.health.fetched_at).replace(second=0, microsecond=0)
