"""What one line says of a server: how well it is connected, what it counts, and what runs there."""

from dataclasses import dataclass
from datetime import datetime

from vpo_monitor.config import PollingConfig
from vpo_monitor.insight import progress
from vpo_monitor.insight.connection import Connection, report
from vpo_monitor.insight.overview import RUNNING
from vpo_monitor.insight.reader import Reader, ReaderMemory
from vpo_monitor.insight.wording import NO_FILE, cut, shown_name
from vpo_monitor.polling.poller import Poller

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


def look_at_server(
    page: Reader, poller: Poller, polling: PollingConfig, memory: ReaderMemory
) -> ServerState:
    """Look at a server beside the one that the `page` is of, and never wait for it.

    What is to come from it is noted in the page's reader, so that the page comes back for it.
    """
    reader = Reader(poller, polling, memory, patience=0.0)
    running = reader.read(RUNNING, newer_than=reader.moved_at("jobs_running"))
    page.elsewhere += [running, reader.health]
    said = report(
        reader.snapshots,
        reader.health,
        poller.now(),
        polling=polling.enabled,
        is_quiet=reader.is_quiet,
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
        ("" if percent is None else f"{percent:.0f} % ")
        + cut(shown_name(path, NO_FILE), _LONGEST_NAME)
        for path, percent in jobs[:_MOST_NAMED]
    )
    more = len(jobs) - len(named)
    return (*named, f"and {more:,} more") if more else named


def _last_answer(reader: Reader) -> datetime | None:
    """In whole minutes: two looks at the same moment differ by what they take."""
    if reader.health.fetched_at is None:
        return None
    return reader.seen_at(reader.health.fetched_at).replace(second=0, microsecond=0)
