"""Keeps a store that fails away from those who wait for an answer."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from vpo_monitor.polling import clock
from vpo_monitor.polling.shared.store import Store, StoreDown

T = TypeVar("T")

RETRY_AFTER = 5.0
"""Seconds for which a store that failed is left alone."""
_FIRST_PATIENCE = 0.5
"""Seconds that the first fetches wait for the first look at the store, all together."""
_log = logging.getLogger(__name__)


def _start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="vpo-store", daemon=True).start()


class Guard:
    """Lets work be done in a store while that is up, and raises StoreDown at once while it is not.

    One failure ends its use. From `RETRY_AFTER` on, whoever comes next has it tried in a thread of
    its own, as even to look up its host's name can take long. `setting` is what it is called by.
    """

    def __init__(
        self,
        store: Store,
        setting: str,
        *,
        now: Callable[[], float] = clock.now,
        start: Callable[[Callable[[], None]], None] = _start_thread,
    ) -> None:
        self._store = store
        self._setting = setting
        self._now = now
        self._start = start
        self._lock = threading.Lock()
        self._is_known = threading.Event()
        self._is_up = False
        self._problem: str | None = None
        self._failed_at = now()
        self._start(self._try)

    @property
    def problem(self) -> str | None:
        """Why the store is not used now, in a sentence; None where it is."""
        return self._problem

    def do(self, work: Callable[[Store], T]) -> T:
        """Do it in the store; StoreDown where that cannot be used."""
        if not self._is_known.is_set() and not self._is_known.wait(_FIRST_PATIENCE):
            self._fail(StoreDown("does not answer in time"))
        with self._lock:
            now = self._now()
            is_due = not self._is_up and now - self._failed_at >= RETRY_AFTER
            if is_due:
                self._failed_at = now  # nobody else tries meanwhile
            is_up = self._is_up
        if is_due:
            self._start(self._try)
        if not is_up:
            raise StoreDown
        try:
            return work(self._store)
        except StoreDown as down:
            self._fail(down)
            raise

    def _try(self) -> None:
        try:
            self._store.check()
        except StoreDown as down:
            self._fail(down)
        else:
            with self._lock:
                was_down, self._problem, self._is_up = self._problem is not None, None, True
            if was_down:
                _log.warning("The store in %s is back in use.", self._setting)
            self._is_known.set()

    def _fail(self, down: StoreDown) -> None:
        problem = (
            f"The store in {self._setting} {down}, so this process polls VPO on its own. "
            f"Retrying every {RETRY_AFTER:.0f} s."
        )
        with self._lock:
            is_new = self._problem is None
            self._is_up, self._problem, self._failed_at = False, problem, self._now()
        if is_new:
            _log.warning("%s", problem)
        self._is_known.set()
