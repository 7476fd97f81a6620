"""Polls at a fixed pace, also while nobody has a page open, so that the history has no gaps."""

import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vpo_monitor.history.backfill import without_detail
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import COMPLETED, FAILED, RUNNING, Query

_NEWEST = queries.jobs(limit=100)
_FRESH_SHARE = 0.5
"""The share of the interval for which data that pages have requested is new enough."""

_log = logging.getLogger(__name__)


class ServerWatch:
    """Polls one server in rounds of at most three requests, one every `interval` seconds.

    They are the health, the running jobs, and in turn one of the lists in which new and finished
    jobs appear, and the details of a job whose end or start time is unknown. What a page has
    requested lately is not requested again.
    """

    def __init__(self, poller: Poller, tracker: JobTracker, interval: float) -> None:
        self._poller = poller
        self._tracker = tracker
        self._interval = interval
        self._lists: Iterator[Query[Any]] = itertools.cycle((_NEWEST, COMPLETED, FAILED))
        self._turns = itertools.cycle((self._next_list, self._next_detail))

    def poll(self) -> None:
        """Request one round. Returns at once."""
        for query in (queries.health(), RUNNING, next(self._turns)()):
            self._poller.read(query, self._interval * _FRESH_SHARE, patience=0.0)

    def _next_list(self) -> Query[Any]:
        return next(self._lists)

    def _next_detail(self) -> Query[Any]:
        """Return the details that are needed most, or a list if pages request the details."""
        is_backfilled = self._poller.now() - self._tracker.caught_up_at < self._interval
        job_id = None if is_backfilled else next(iter(without_detail(self._tracker)), None)
        return self._next_list() if job_id is None else queries.job(job_id)


class Watcher:
    """Does some work every `interval` seconds until it is closed, in a thread of its own."""

    def __init__(self, work: Sequence[Callable[[], None]], interval: float) -> None:
        self._work = work
        self._interval = interval
        self._is_closed = threading.Event()
        threading.Thread(target=self._run, name="vpo-watch", daemon=True).start()

    def close(self) -> None:
        """Do no more."""
        self._is_closed.set()

    def _run(self) -> None:
        while not self._is_closed.is_set():
            for work in self._work:
                try:
                    work()
                except Exception as failure:  # noqa: BLE001 - its traceback could hold text of VPO
                    _log.error("Couldn't watch VPO: %s", type(failure).__name__)
            self._is_closed.wait(self._interval)
