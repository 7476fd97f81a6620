"""One poller for all viewers of a server: they read, it decides when to ask."""

import math
import random as random_numbers
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling import clock
from vpo_monitor.polling.entry import Entry, is_followed, is_slow, is_wanted, place_in_line
from vpo_monitor.polling.figures import Figures, Outcome, figures_of, outcome
from vpo_monitor.polling.forgetting import to_forget
from vpo_monitor.polling.limits import Budget, CircuitBreakers
from vpo_monitor.polling.need import Need, NotNow
from vpo_monitor.polling.outages import Outages
from vpo_monitor.polling.queries import Query, Route
from vpo_monitor.polling.snapshot import Snapshot, State

T = TypeVar("T")

PATIENCE = 0.25
"""Seconds that a reader waits for an answer; Streamlit fades a page that takes longer."""
_NOT_FOUND_INTERVAL = 60.0
_MIN_RETRY_GAP = 1.0
_MAX_IN_FLIGHT = 16
_THREAD_GAP = 5.0
"""Seconds until a fetch for which the system had no thread is tried again."""
_BACKGROUND_GAP = 2.0
"""Seconds from one background request to the next: each takes a lock in VPO's database."""
_BACKGROUND_PATIENCE = 15.0
"""Seconds after which one goes out though the budget is short, so that none waits for ever."""

_ANSWERS = (errors.NotFound, errors.BadRequest)
"""Errors that are an answer: what was asked for is not there."""

Hear = Callable[[Query[Any], Any, float, float], None]
"""Told of each answer, in the thread that fetched it and before any reader sees it: the query, its
data (or the NotFound or BadRequest that stands for it), when it was asked for (by the poller's
clock), and the seconds that the answer took."""


def _start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="vpo-fetch", daemon=True).start()


def _bare(error: errors.VpoError) -> errors.VpoError:
    """The error alone: its traceback and causes would keep the answer as long as it is shown."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


class Poller:
    """Holds a snapshot a query, and asks the server only when a reader wants newer data.

    Safe for any number of threads. `client` is asked in threads that `start` makes; `now` is the
    clock and `random` the jitter, both handed in by tests. `interval` is the normal interval of the
    polling: what is asked for more rarely is still tried again that soon after a first failure.
    `hear` is told of every answer, once, whoever reads it. `client_for` gives the client of one
    fetch, which may answer with what somebody else asked for, or raise NotNow.
    """

    def __init__(  # noqa: PLR0913 - each is a seam of its own, by name only
        self,
        client: VpoClient,
        budget: Budget,
        *,
        interval: float = 5.0,
        now: Callable[[], float] = clock.now,
        random: Callable[[], float] = random_numbers.random,
        start: Callable[[Callable[[], None]], None] = _start_thread,
        patience: float = PATIENCE,
        hear: Hear = lambda _query, _answer, _asked_at, _took: None,
        client_for: Callable[[Need], VpoClient] | None = None,
    ) -> None:
        self.now = now
        self._client = client
        self._client_for = client_for or (lambda _need: client)
        self._budget = budget
        self._interval = interval
        self._breakers = CircuitBreakers(random)
        self._outages = Outages(client.server.url)
        self._start = start
        self._patience = patience
        self._hear = hear
        self._entries: dict[Query[Any], Entry[Any]] = {}
        self._requests: Counter[tuple[Route, Outcome]] = Counter()
        self._changed = threading.Condition()
        self._retried_at = -math.inf
        self._background_at = -math.inf
        self._is_closed = False

    def close(self) -> None:
        """Start no more requests; one in flight ends by itself, and its answer is dropped."""
        with self._changed:
            self._is_closed = True

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours; 0 where that is not known."""
        return self._client.clock_ahead

    def read(
        self,
        query: Query[T],
        max_age: float,
        *,
        newer_than: float = -math.inf,
        patience: float | None = None,
    ) -> Snapshot[T]:
        """What is known, after asking the server if that is older than `max_age` seconds.

        `newer_than` also wants data fetched after that moment of the poller's clock, once. Waits at
        most `patience` seconds (default: the poller's own) for an answer on its way, and not at all
        while the server is slow. Never raises for what the server does.
        """
        with self._changed:
            now = self.now()
            entry = self._entry(query, now)
            due_at = self._due_at(entry, max_age, newer_than)
            if due_at <= now and entry.fetching_since is None:
                entry.want(now, max_age, newer_than)
            if entry.wanted_since is not None:
                self._start_wanted(now)
            if entry.fetching_since is not None and not is_slow(self._entries.values(), now):
                limit = self._patience if patience is None else min(patience, self._patience)
                self._changed.wait_for(lambda: entry.fetching_since is None, limit)
            snapshot = self._snapshot(entry, max_age, self._due_at(entry, max_age, newer_than))
        self._outages.log()
        return snapshot

    def held(self, route: Route) -> list[tuple[Any, float]]:
        """The data of each answer of a route that is still held, and when it was fetched.

        Asks nothing, and does not count as reading.
        """
        with self._changed:
            return [
                (entry.data, entry.fetched_at)
                for entry in self._entries.values()
                if entry.query.route is route and entry.fetched_at is not None
            ]

    def figures(self) -> Figures:
        """How the polling stands; asks nothing, and does not count as reading."""
        with self._changed:
            everything = self._entries.values(), self._breakers, self._budget, self._requests
            return figures_of(*everything, self.now())

    def retry(self) -> None:
        """Try everything that failed once more now, as a viewer asked; at most once a second.

        A server's `Retry-After` is obeyed all the same.
        """
        with self._changed:
            now = self.now()
            if self._breakers.is_holding_back(now) and now - self._retried_at >= _MIN_RETRY_GAP:
                self._retried_at = now
                self._breakers.retry_all()

    def _entry(self, query: Query[T], now: float) -> Entry[T]:
        entry = self._entries.get(query)
        if entry is None:
            for old in to_forget(self._entries.values(), query, now):
                del self._entries[old]
                self._breakers.forget(old)
            entry = self._entries[query] = Entry(query, now)
        entry.last_read = now
        return entry

    def _due_at(self, entry: Entry[Any], max_age: float, newer_than: float) -> float:
        if entry.answered_at < newer_than or entry.answered_at == -math.inf:
            return -math.inf
        if entry.error is not None and entry.fetched_at != entry.answered_at:
            return entry.answered_at + max(max_age, _NOT_FOUND_INTERVAL)
        return entry.answered_at + max_age

    def _start_wanted(self, now: float) -> None:
        """Start as many wanted queries as breakers, room and budget allow, in their order."""
        if self._is_closed:
            return
        for entry in self._in_line(now):
            opens_at = max(self._breakers.opens_at(entry.query), entry.postponed_until)
            if opens_at > now or not self._has_room(entry):
                continue
            if entry.query.is_background and not self._is_background_due(now):
                continue
            keep = self._keep(entry, now)
            if not self._budget.take(now, keep=keep):
                if keep:
                    continue
                break
            need = entry.begin(now, keep, self._retried_at)
            if entry.query.is_background:
                self._background_at = now
            try:
                self._start(lambda entry=entry, need=need: self._fetch(entry, need))  # type: ignore[misc]
            except RuntimeError as failure:  # the system has no thread to spare
                self._outages.bug("Couldn't start a thread to poll VPO", failure)
                self._budget.refund()
                entry.postpone(need, now + _THREAD_GAP)
                break

    def _keep(self, entry: Entry[Any], now: float) -> int:
        """What is to be left in the budget; whoever has waited long is patient no more."""
        waited = now - (entry.wanted_since or now)
        if entry.query.is_background:
            return self._budget.background_reserve if waited < _BACKGROUND_PATIENCE else 0
        return (
            self._budget.reserve if entry.query.is_patient and waited < self._budget.patience else 0
        )

    def _is_background_due(self, now: float) -> bool:
        """Whether nobody follows a search now, and the last background request was a while ago."""
        is_due = now - self._background_at >= _BACKGROUND_GAP
        return is_due and not is_followed(self._entries.values(), now)

    def _in_line(self, now: float) -> list[Entry[Any]]:
        """The queries that are wanted, and whose readers are still there."""
        wanted = [entry for entry in self._entries.values() if is_wanted(entry, now)]
        wanted.sort(key=place_in_line)
        return wanted

    def _has_room(self, entry: Entry[Any]) -> bool:
        in_flight = [e for e in self._entries.values() if e.fetching_since is not None]
        if self._breakers.is_connection_down:
            return not in_flight
        route = entry.query.route
        alike = [other for other in in_flight if other.query.route is route]
        if entry.query.is_background and any(other.query.is_background for other in alike):
            return False  # the route's other places are those of viewers
        return len(in_flight) < _MAX_IN_FLIGHT and len(alike) < self._breakers.parallel(route)

    def _fetch(self, entry: Entry[Any], need: Need) -> None:
        try:
            data = entry.query.fetch(self._client_for(need), entry.data)
            error = None
        except NotNow as full:
            with self._changed:
                now = self.now()
                entry.postpone(need, now + full.seconds)
                self._start_wanted(now)
                self._changed.notify_all()
            self._outages.log()
            return
        except errors.VpoError as failure:
            data, error = None, _bare(failure)
        except Exception as failure:  # noqa: BLE001 - a fetch must end, or its readers wait for ever
            self._outages.bug(f"Couldn't parse the response for the {entry.query.route}", failure)
            data, error = None, errors.BadResponse("VPO's response couldn't be parsed.")
        if error is None or isinstance(error, _ANSWERS):
            self._tell(entry, data if error is None else error, need.asked_at)
        with self._changed:
            now = self.now()
            entry.fetching_since = None
            entry.heard_at = now if need.answered_at is None else need.answered_at
            self._requests[entry.query.route, outcome(error)] += 1
            if error is None:
                self._record_answer(entry, data, now)
            else:
                self._record_failure(entry, error, now, need.asked_at)
            self._start_wanted(now)
            self._changed.notify_all()
        self._outages.log()

    def _tell(self, entry: Entry[Any], answer: Any, asked_at: float) -> None:
        """Let the listener hear; its failure must not end the fetch."""
        try:
            self._hear(entry.query, answer, asked_at, self.now() - asked_at)
        except Exception as failure:  # noqa: BLE001 - whatever it does, readers wait for this fetch
            self._outages.bug(f"Couldn't process the response for the {entry.query.route}", failure)

    def _record_answer(self, entry: Entry[Any], data: Any, now: float) -> None:
        self._outages.answered(entry.query.route, now)
        self._breakers.succeeded(entry.query)
        if data != entry.data:
            entry.revision += 1
        entry.data, entry.error = data, None
        entry.fetched_at = entry.answered_at = entry.heard_at
        if not entry.query.is_complete(data):
            entry.wanted_since = now

    def _record_failure(
        self, entry: Entry[Any], error: errors.VpoError, now: float, asked_at: float
    ) -> None:
        route = entry.query.route
        entry.error = error
        self._breakers.failed(entry.query, error, entry.heard_at, self._interval, asked_at=asked_at)
        if isinstance(error, _ANSWERS):
            self._outages.answered(route, now)
            entry.answered_at = entry.heard_at
            return
        self._outages.failed(route, error, now)
        if entry.data is not None and not entry.query.is_complete(entry.data):
            entry.wanted_since = now  # the step that failed is taken again

    def _snapshot(self, entry: Entry[T], max_age: float, due_at: float) -> Snapshot[T]:
        now = self.now()
        if entry.wanted_since is not None:
            due_at = -math.inf  # the next step of an answer in steps, whatever its age
        error = self._breakers.error_for_all or entry.error
        if due_at <= now and not isinstance(error, _ANSWERS):
            error = self._breakers.error(entry.query.route) or error
        if isinstance(error, errors.Unauthorized):
            state = State.STOPPED
        elif error is not None:
            state = State.FAILED
        else:
            state = State.WAITING if entry.fetched_at is None else State.OK
        next_attempt_at = max(due_at, self._breakers.opens_at(entry.query))
        if entry.wanted_since is not None and next_attempt_at <= now:
            ahead, keep = self._in_line(now).index(entry), self._keep(entry, now)
            next_attempt_at = now + self._budget.wait(now, ahead, keep=keep)
            next_attempt_at = max(next_attempt_at, entry.postponed_until)
        return Snapshot(
            data=entry.data,
            fetched_at=entry.fetched_at,
            state=state,
            error=error,
            failures=self._breakers.failures(entry.query),
            fetching_since=entry.fetching_since,
            next_attempt_at=next_attempt_at,
            max_age=max_age,
            revision=entry.revision,
        )
