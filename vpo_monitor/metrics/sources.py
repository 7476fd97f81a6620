"""The data sources of a scrape."""

from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.config import PollingConfig
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.polling.poller import Poller


@dataclass(frozen=True)
class Target:
    """A server by name, as the pages use it, with the polling in force now.

    A job without progress for `stalled_after` seconds is possibly stalled.
    """

    name: str
    poller: Poller
    tracker: JobTracker
    polling: PollingConfig
    is_demo: bool = False
    stalled_after: float = 300.0


@dataclass(frozen=True)
class Sources:
    """Data sources, read again on each scrape, from any thread.

    `targets` is empty if there is no server. `viewers` is the number of connected sessions, or None
    if it is unknown.
    """

    targets: Callable[[], tuple[Target, ...]]
    viewers: Callable[[], int | None]
