"""One poller for all viewers of a server: they read, it decides what to request and when.

The rules:
- A query is sent if a reader wants newer data, once for all readers (`read`). A reader waits at
  most 0.25 s. Without readers nothing is sent (`Entry.is_wanted`).
- The higher priority goes first, then who has waited longer (`_in_line`). Waiting raises the
  priority (`Entry.priority`).
- The budget covers all requests; lower priorities leave a part of it to higher ones (`Budget`).
- Failures hold back what failed, and no more (`CircuitBreakers`).
- At most 16 requests are under way, 4 of a route (`_has_room`).
- An answer replaces the data; a failure keeps it and shows the error (`_fetch`).
- Work of many requests is sent like any other query, one request at a time (`bulk`).
"""

import contextlib
import functools
import math
import random as random_numbers
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling import clock
from vpo_monitor.polling.entry import Entry, to_forget
from vpo_monitor.polling.fetch_requirements import BudgetExhausted, FetchRequirements
from vpo_monitor.polling.figures import Figures, Outcome, figures_of, outcome
from vpo_monitor.polling.limits import Budget, CircuitBreakers
from vpo_monitor.polling.outages import Outages
from vpo_monitor.polling.queries import Priority, Query, Route
from vpo_monitor.polling.snapshot import Snapshot, State

T = TypeVar("T")

PATIENCE = 0.25
"""Seconds that a reader waits for an answer; Streamlit fades a page that takes longer."""
_NOT_FOUND_INTERVAL = 60.0
_MIN_RETRY_GAP = 1.0
_MAX_IN_FLIGHT = 16
_THREAD_GAP = 5.0
"""Seconds until a fetch for which the system had no thread is tried again."""
_NICE_TO_HAVE_GAP = 2.0
"""Seconds per nice-to-have request: each takes a lock in VPO's database."""
_NICE_TO_HAVE_AT_ONCE = 3
"""Of these that became due since, as they are only sent when somebody reads, in a row."""
_SLOW_ANSWER = 1.0


OnAnswer = Callable[[Query[Any], Any, float, float], None]
"""Gets what came of each query, in the thread that fetched it and before any reader sees it: the
query, its data or the error in its place, when the query was sent (by the poller's clock), and the
seconds that it took."""


def _start_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="vpo-fetch", daemon=True).start()


def _bare(error: errors.VpoError) -> errors.VpoError:
    """The error alone: its traceback and causes would keep the answer as long as it is shown."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


class Poller:
    """Holds a snapshot of each query, and fetches it only if a reader wants newer data.

    Thread-safe. Requests are sent in threads that `start` makes; tests replace the clock `now` and
    the jitter `random`. `interval` is the normal poll interval: data that is fetched less often is
    still retried that soon after a first failure. `on_answer` gets each answer and error once,
    for all readers. `client_for` returns the client of one fetch, which may answer with what
    another process requested, or raise BudgetExhausted.
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
        on_answer: OnAnswer = lambda _query, _answer, _asked_at, _took: None,
        client_for: Callable[[FetchRequirements], VpoClient] | None = None,
    ) -> None:
        self.now = now
        self._client = client
        self._client_for = client_for or (lambda _requirements: client)
        self._budget = budget
        self._interval = interval
        self._breakers = CircuitBreakers(random)
        self._outages = Outages(client.server.url)
        self._start = start
        self._patience = patience
        self._on_answer = on_answer
        self._entries: dict[Query[Any], Entry[Any]] = {}
        self._requests: Counter[tuple[Route, Outcome]] = Counter()
        self._changed = threading.Condition()
        self._retried_at = -math.inf
        self._nice_to_have_from = -math.inf
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
        """Return what is known, and request newer data if it is older than `max_age` seconds.

        `newer_than` also wants data fetched after that time of the poller's clock, once. Waits at
        most `patience` seconds (default: the poller's own) for an answer, and not at all while the
        server is slow. Never raises for what the server does.
        """
        if query.priority is Priority.BULK:
            newer_than = -math.inf  # a long search is not repeated because a viewer came back
        with self._changed:
            now = self.now()
            entry = self._entry(query, now)
            due_at = self._due_at(entry, max_age, newer_than)
            if due_at <= now and entry.fetching_since is None:
                entry.want(now, max_age, newer_than)
            if entry.wanted_since is not None:
                self._start_wanted(now)
            if entry.fetching_since is not None and not self._is_slow(now):
                limit = self._patience if patience is None else min(patience, self._patience)
                self._changed.wait_for(lambda: entry.fetching_since is None, limit)
            snapshot = self._snapshot(entry, max_age, self._due_at(entry, max_age, newer_than))
        self._outages.log()
        return snapshot

    def held(self, route: Route) -> list[tuple[Any, float]]:
        """Return the data that is held of each query of a route, and when it was fetched.

        Sends nothing, and does not count as reading.
        """
        with self._changed:
            return [
                (entry.data, entry.fetched_at)
                for entry in self._entries.values()
                if entry.query.route is route and entry.fetched_at is not None
            ]

    def figures(self) -> Figures:
        """Return the state of the polling; sends nothing, and does not count as reading."""
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

    def _is_slow(self, now: float) -> bool:
        """Whether a response is so late that waiting for another is in vain."""
        return any(
            entry.fetching_since is not None and now - entry.fetching_since > _SLOW_ANSWER
            for entry in self._entries.values()
            if entry.query.priority < Priority.NICE_TO_HAVE
        )

    def _start_wanted(self, now: float) -> None:
        """Start as many wanted queries as breakers, room and budget allow, in their order."""
        if self._is_closed:
            return
        for entry in self._in_line(now):
            if self._breakers.opens_at(entry.query) > now or not self._has_room(entry, now):
                continue
            if not self._budget.take(now, entry.priority(now)):
                return
            requirements = entry.begin(now, self._retried_at)
            if entry.query.priority is Priority.NICE_TO_HAVE:
                missed = now - (_NICE_TO_HAVE_AT_ONCE - 1) * _NICE_TO_HAVE_GAP
                self._nice_to_have_from = max(self._nice_to_have_from, missed) + _NICE_TO_HAVE_GAP
            try:
                self._start(functools.partial(self._fetch, entry, requirements))
            except RuntimeError as failure:  # the system has no thread to spare
                self._outages.bug("Couldn't start a thread to poll VPO", failure)
                self._cancel(entry, requirements)
                self._budget.pause(now + _THREAD_GAP)
                return

    def _in_line(self, now: float) -> list[Entry[Any]]:
        """The queries that are wanted, in the order in which they are sent."""
        wanted = [entry for entry in self._entries.values() if entry.is_wanted(now)]
        return sorted(wanted, key=lambda entry: (entry.priority(now), entry.wanted_since))

    def _has_room(self, entry: Entry[Any], now: float) -> bool:
        """Whether the query may be sent beside those that are under way."""
        entries = self._entries.values()
        in_flight = [other.query for other in entries if other.fetching_since is not None]
        if self._breakers.is_connection_down:
            return not in_flight
        if entry.query.priority is Priority.NICE_TO_HAVE and (
            now < self._nice_to_have_from
            or any(other.priority is Priority.NICE_TO_HAVE for other in in_flight)
        ):
            return False
        route = entry.query.route
        alike = sum(other.route is route for other in in_flight)
        return len(in_flight) < _MAX_IN_FLIGHT and alike < self._breakers.parallel(route)

    def _cancel(self, entry: Entry[Any], requirements: FetchRequirements) -> None:
        """Take back a request that could not be sent."""
        entry.cancel(requirements)
        self._budget.refund()

    def _fetch(self, entry: Entry[Any], requirements: FetchRequirements) -> None:
        try:
            data, error = self._send(entry, requirements)
        except BudgetExhausted as exhausted:
            with self._changing() as now:
                self._cancel(entry, requirements)
                self._budget.pause(now + exhausted.seconds, requirements.priority)
            return
        with self._changing() as now:
            entry.fetching_since = None
            entry.heard_at = now if requirements.answered_at is None else requirements.answered_at
            self._requests[entry.query.route, outcome(error)] += 1
            if error is None:
                self._record_answer(entry, data, now)
            else:
                self._record_failure(entry, error, now, requirements.asked_at)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[float]:
        """Change what is known; then start what may be sent now, wake the readers, and log."""
        with self._changed:
            now = self.now()
            yield now
            self._start_wanted(now)
            self._changed.notify_all()
        self._outages.log()

    def _send(
        self, entry: Entry[Any], requirements: FetchRequirements
    ) -> tuple[Any, errors.VpoError | None]:
        """Send one request. Return the data after its answer, or why there is none."""
        data, error = None, None
        try:
            request = entry.request()
            try:
                answer = request.fetch(self._client_for(requirements))
            except errors.VpoError as failure:
                answer = error = _bare(failure)
            self._report(request, answer, requirements.asked_at)
            if error is None or entry.skips_failures:
                data = entry.digest(answer)
        except BudgetExhausted:
            raise
        except Exception as failure:  # noqa: BLE001 - a fetch must end, or its readers wait for ever
            self._outages.bug(f"Couldn't parse the response for the {entry.query.route}", failure)
            error = errors.BadResponse("VPO's response couldn't be parsed.")
        return data, error

    def _report(self, query: Query[Any], answer: Any, asked_at: float) -> None:
        """Pass on an answer or error; a failure of its recipient must not end the fetch."""
        try:
            self._on_answer(query, answer, asked_at, self.now() - asked_at)
        except Exception as failure:  # noqa: BLE001 - whatever it does, readers wait for this fetch
            self._outages.bug(f"Couldn't process the response for the {query.route}", failure)

    def _record_answer(self, entry: Entry[Any], data: Any, now: float) -> None:
        self._outages.answered(entry.query.route, now)
        self._breakers.succeeded(entry.query)
        if data != entry.data:
            entry.revision += 1
        entry.data, entry.error = data, None
        entry.fetched_at = entry.answered_at = entry.heard_at
        if not entry.is_complete:
            entry.wanted_since = now

    def _record_failure(
        self, entry: Entry[Any], error: errors.VpoError, now: float, asked_at: float
    ) -> None:
        query, is_answer = entry.query, isinstance(error, errors.ANSWERS)
        entry.error = error
        self._breakers.failed(query, error, entry.heard_at, self._interval, asked_at=asked_at)
        if is_answer:
            self._outages.answered(query.route, now)
            entry.answered_at = entry.heard_at
        else:
            self._outages.failed(query.route, error, now)
        if not entry.is_complete and (entry.skips_failures or not is_answer):
            entry.wanted_since = now

    def _snapshot(self, entry: Entry[T], max_age: float, due_at: float) -> Snapshot[T]:
        now = self.now()
        if entry.wanted_since is not None:
            due_at = -math.inf  # the next step of an answer in steps, whatever its age
        error = self._breakers.error_for_all or entry.error
        if due_at <= now and not isinstance(error, errors.ANSWERS):
            error = self._breakers.error(entry.query.route) or error
        if isinstance(error, errors.Unauthorized):
            state = State.STOPPED
        elif error is not None:
            state = State.FAILED
        else:
            state = State.WAITING if entry.fetched_at is None else State.OK
        next_attempt_at = max(due_at, self._breakers.opens_at(entry.query))
        if entry.wanted_since is not None and next_attempt_at <= now:
            line = self._in_line(now)
            ahead = line.index(entry) if entry in line else 0  # not in line after a suspend
            next_attempt_at = now + self._budget.wait(now, ahead, entry.priority(now))
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
