"""What a scrape reads from."""

from collections.abc import Callable
from dataclasses import dataclass

from vpo_monitor.config import PollingConfig
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.polling.poller import Poller


@dataclass(frozen=True)
class Target:
    """The server in view, as the viewers' pages have it, with the polling in force now."""

    poller: Poller
    watch: Watch
    polling: PollingConfig
    is_demo: bool = False


@dataclass(frozen=True)
class Sources:
    """Asked anew at each scrape, from any thread.

    `target` is None where there is no server to ask, `viewers` the number of sessions that are
    connected, None where that is not known.
    """

    target: Callable[[], Target | None]
    viewers: Callable[[], int | None]
