"""The requests a minute that all processes may make together."""

import threading
from collections.abc import Callable

from vpo_monitor.polling import clock
from vpo_monitor.polling.fetch_requirements import BudgetExhausted
from vpo_monitor.polling.limits import WINDOW, Budget
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared.guard import Guard
from vpo_monitor.polling.shared.store import Bucket, StoreDown, Taken

_SHOWN_EVERY = 20.0
"""Seconds after which a process that asks nothing itself says that it is there."""
_LEAST_WAIT, _LONGEST_WAIT = 0.05, 15.0


class SharedBudget:
    """Spends from one budget in the store; without the store, from this process's share of it.

    Safe for any number of threads. The share is that of the processes that were there last; where
    the store has never answered that is all, as nobody knows of others.
    """

    def __init__(
        self,
        guard: Guard,
        key: str,
        process: str,
        per_minute: int,
        *,
        now: Callable[[], float] = clock.now,
    ) -> None:
        self._guard = guard
        self._key = key
        self._process = process
        self._per_minute = per_minute
        self._whole = Budget(per_minute)
        self._now = now
        self._lock = threading.Lock()
        self._own: Budget | None = None
        self._processes: int | None = None
        self._shown_at = -_SHOWN_EVERY
        self._alone_at = -WINDOW

    def show(self) -> None:
        """Be counted among the processes, now and then; raises StoreDown."""
        with self._lock:
            now = self._now()
            if now - self._shown_at < _SHOWN_EVERY:
                return
            self._shown_at = now
        self._take(0, 0)

    def take(self, priority: Priority) -> None:
        """Spend one request; raises BudgetExhausted if that must wait."""
        try:
            wait = self._take(1, self._whole.reserve(priority)).wait
        except StoreDown:
            wait = self._take_own(priority)
        if wait > 0:
            raise BudgetExhausted(min(max(wait, _LEAST_WAIT), _LONGEST_WAIT))

    def _take(self, requests: int, keep: int) -> Taken:
        # After a time without the store, what the processes have asked meanwhile is not in it.
        with self._lock:
            is_fresh = self._now() - self._alone_at < WINDOW
        bucket = Bucket(
            key=self._key,
            process=self._process,
            burst=self._whole.burst,
            per_second=self._whole.per_second,
            at_first=0.0 if is_fresh else self._whole.burst,
        )
        taken = self._guard.do(lambda store: store.take(bucket, requests, keep))
        with self._lock:
            self._own, self._processes = None, max(1, taken.processes)
            self._shown_at = self._now()
        return taken

    def _take_own(self, priority: Priority) -> float:
        """Seconds until this process may ask by itself; 0 where it may now."""
        with self._lock:
            now = self._alone_at = self._now()
            if self._own is None:
                self._own = Budget(self._per_minute // (self._processes or 1))
                # Others may have spent all that flowed in lately: no more goes out at once.
                while self._processes is not None and self._own.take(now):
                    pass
            if self._own.take(now, priority):
                return 0.0
            return self._own.wait(now, priority=priority)
