"""Asks a server for what no other process has asked for just now."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vpo_monitor.api import errors
from vpo_monitor.api.json_http import ANY_CLOCK, SAME_CLOCK, GetsJson, Params
from vpo_monitor.polling import clock
from vpo_monitor.polling.fetch_requirements import FetchRequirements
from vpo_monitor.polling.shared.budget import SharedBudget
from vpo_monitor.polling.shared.guard import Guard
from vpo_monitor.polling.shared.keys import Keys
from vpo_monitor.polling.shared.record import MOST_SECONDS, Found, read_record, record_of
from vpo_monitor.polling.shared.store import StoreDown

LOCK_SECONDS = 20.0
"""A bit over the time that a server has for an answer: then who asked for it is gone."""
YOUNG = 0.9
"""Of the age that a reader wants: an answer that is older would have to be asked for at once."""
_LEAST_SECONDS = 60.0
_LEAST_FAILURE = 0.02
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.02, 0.25, 1.5
_PATIENCE = LOCK_SECONDS + 5.0
"""Seconds after which one asks whoever else may do so: others take the key and bring nothing."""


@dataclass(frozen=True)
class _Outcome:
    """What a GET brought, whoever made it; moments of the poller's clock."""

    asked_at: float
    answered_at: float
    body: Any = None
    error: errors.VpoError | None = None


class SharedAnswers:
    """Answers from the store, or from the server for all. Safe for any number of threads.

    Of those who want the same, one has the key to it and asks; the others wait until the answer
    stands there, or the key is free again. Without the store, each asks for itself.

    `now` is the poller's clock, `utc` seconds since 1970 and `pause` waits for some seconds.
    """

    def __init__(
        self,
        http: GetsJson,
        guard: Guard,
        keys: Keys,
        budget: SharedBudget,
        *,
        now: Callable[[], float] = clock.now,
        utc: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._guard = guard
        self._keys = keys
        self._budget = budget
        self._now = now
        self._utc = utc
        self._pause = pause
        self._clock_ahead = 0.0

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours, as its last answer told anyone."""
        return self._clock_ahead if abs(self._clock_ahead) >= SAME_CLOCK else 0.0

    def get(
        self,
        need: FetchRequirements,
        path: str,
        params: Params | None = None,
        *,
        accept_503: bool = False,
    ) -> Any:
        """The JSON of a path, as `need` wants it, which is told when it came.

        Raises the VpoError that the server's answer was, for whoever asked, or BudgetExhausted.
        """
        key = self._keys.of(path, params)

        def ask() -> Any:
            return self._http.get(path, params, accept_503=accept_503)

        try:
            outcome = self._shared(need, key, ask)
        except StoreDown:
            outcome = self._asked(need, key, ask)
        need.asked_at, need.answered_at = outcome.asked_at, outcome.answered_at
        if outcome.error is not None:
            raise outcome.error
        return outcome.body

    def _shared(self, need: FetchRequirements, key: str, ask: Callable[[], Any]) -> _Outcome:
        """What somebody else was told, or this process as the only one; raises StoreDown."""
        self._budget.show()
        lock, holder = f"lock:{key}", secrets.token_hex(16)
        for pause in self._pauses():
            known = self._known(need, key)
            if known is not None:
                return known
            if self._guard.do(lambda store: store.lock(lock, holder, LOCK_SECONDS)):
                try:
                    # Who had the key may have left an answer since.
                    return self._known(need, key) or self._asked(need, key, ask)
                finally:
                    self._quietly(lambda: self._guard.do(lambda s: s.unlock(lock, holder)))
            self._pause(pause)
        return self._asked(need, key, ask)

    def _pauses(self) -> Iterator[float]:
        """How long to wait for another's answer each time, until that is in vain."""
        give_up_at, pause = self._now() + _PATIENCE, _FIRST_PAUSE
        while self._now() < give_up_at:
            yield pause
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def _known(self, need: FetchRequirements, key: str) -> _Outcome | None:
        """What stands in the store, if it is as it is needed."""
        value = self._guard.do(lambda store: store.get(f"answer:{key}"))
        now = self._now()
        found = None if value is None else read_record(value.octets, value.seconds_left)
        if found is None:
            return None
        answered_at = now - found.age
        is_answer, took = found.record.is_answer, found.record.took
        # One that was refused at once must not be taken for a second failure, some ms later.
        asked_at = answered_at - (took if is_answer else max(took, _LEAST_FAILURE))
        is_young = not is_answer or found.age < YOUNG * need.max_age
        if asked_at <= need.not_before or not is_young:
            return None
        ahead = found.record.clock + found.age - self._utc()
        self._clock_ahead = ahead if abs(ahead) < ANY_CLOCK else 0.0
        return _Outcome(asked_at, answered_at, found.record.body, _error(found))

    def _asked(self, need: FetchRequirements, key: str, ask: Callable[[], Any]) -> _Outcome:
        """What the server itself says, put into the store for others; raises BudgetExhausted."""
        self._budget.take(need.priority)
        asked_at, body, error = self._now(), None, None
        try:
            body = ask()
        except errors.VpoError as failure:
            error = failure
        answered_at = self._now()
        self._clock_ahead = self._http.clock_ahead
        outcome = _Outcome(asked_at, answered_at, body, error)
        self._quietly(lambda: self._leave(need, key, outcome))
        return outcome

    def _leave(self, need: FetchRequirements, key: str, outcome: _Outcome) -> None:
        """Put it into the store, if it can be shared; raises StoreDown."""
        record = record_of(
            outcome.body,
            outcome.error,
            life=min(max(_LEAST_SECONDS, need.max_age), MOST_SECONDS),
            took=outcome.answered_at - outcome.asked_at,
            clock=self._utc() + self._clock_ahead,
        )
        octets = None if record is None else record.octets()
        if record is not None and octets is not None:
            life = record.life
            self._guard.do(lambda store: store.put(f"answer:{key}", octets, life))

    @staticmethod
    def _quietly(work: Callable[[], None]) -> None:
        """Do what the store wants for others; that it fails is known to the guard."""
        try:
            work()
        except StoreDown:
            return


def _error(found: Found) -> errors.VpoError | None:
    failure = found.record.failure
    return None if failure is None else failure.error(found.age)
