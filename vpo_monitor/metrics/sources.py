"""What a scrape reads from."""

from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.config import PollingConfig
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.polling.poller import Poller


@dataclass(frozen=True)
class Target:
    """A server as the viewers' pages have it, by its name, with the polling in force now."""

    name: str
    poller: Poller
    watch: Watch
    polling: PollingConfig
    is_demo: bool = False


@dataclass(frozen=True)
class Sources:
    """Asked anew at each scrape, from any thread.

    `targets` are none where there is no server to ask, `viewers` the number of sessions that are
    connected, None where that is not known.
    """

    targets: Callable[[], tuple[Target, ...]]
    viewers: Callable[[], int | None]
