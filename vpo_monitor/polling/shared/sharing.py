"""One process polls a server for all: the leader, which holds a lock in the store.

- The leader makes all requests, within the budget, and puts their results into the store.
- A follower takes from there what suits its readers, and tells the leader what else is wanted. So
  each process has its own pages, searches and logs, and knows nothing of the others'.
- If the leader is gone, another process gets the lock, and followers tell it what is still wanted.
- Without the store, each process makes its own requests, within its share of the budget.
"""

import hashlib
import logging
import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from pydantic import SecretStr, ValidationError

from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import ANY_CLOCK, SAME_CLOCK, JsonHttp, Params
from vpo_monitor.api.server import Server
from vpo_monitor.polling.clock import now
from vpo_monitor.polling.fetch_requirements import BudgetExhausted, FetchRequirements
from vpo_monitor.polling.limits import WINDOW, Budget
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared.address import NoStore, StoreDown, checked_address
from vpo_monitor.polling.shared.messages import Result, Wanted

if TYPE_CHECKING:
    from vpo_monitor.polling.shared.store import Store

LEASE = 3.0
"""Seconds after which another process leads if the leader is gone."""
RETRY_AFTER = 5.0
"""Seconds for which a store that failed is left alone."""
_ELECTION_INTERVAL = 0.5
_YOUNG = 0.9
"""Of the age that a reader wants: it would have to replace an older answer at once."""
_FAILURE_SECONDS = 15.0
"""Age from which a failure is not another process's anymore."""
_LEAST_FAILURE = 0.02
_PATIENCE = 35.0
"""Seconds that a follower waits for the leader, which has up to 33 s for a request."""
_DONE, _NO_BUDGET = b"done", b"no budget"
_KEY_ROUNDS = 100_000
"""About 0.05 s per process: someone who reads the store can't try out many tokens."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Outcome:
    """How a GET of any process ended; times are by this process's clock."""

    asked_at: float
    answered_at: float
    body: Any = None
    error: errors.VpoError | None = None


class Sharing:
    """The requests of this process to one server, shared with other processes. Thread-safe.

    `url` is the store's address, from `setting`. Problems with it are logged once.
    """

    def __init__(self, server: Server, url: SecretStr, setting: str, per_minute: int) -> None:
        self.problem: str | None = None
        """Why this process polls on its own now, in a sentence; None if it doesn't."""
        self._server = server
        self._http = JsonHttp(server)
        self._clock_ahead = 0.0
        self._setting = setting
        self._per_minute = per_minute
        self._process = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._budget = Budget(per_minute)
        self._processes: int | None = None
        self._leader: str | None = None
        self._leads_until = self._alone_at = -math.inf
        self._under_way: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self._closing = threading.Event()
        self._store: Store | None = None
        try:
            self._store = _open(server, url, setting, self._process)
        except NoStore as error:
            self.problem = str(error)
            _log.warning("%s", error)
        else:
            _start_thread(self._take_part, self._store)

    @property
    def clock_ahead(self) -> float:
        """Seconds by which VPO's clock is ahead of ours, by the last request of any process."""
        return self._clock_ahead if abs(self._clock_ahead) >= SAME_CLOCK else 0.0

    @property
    def client(self) -> VpoClient:
        """A client for what no other process has requested."""
        return self.client_for(FetchRequirements(now(), 0.0, now(), Priority.IN_VIEW, now()))

    def client_for(self, need: FetchRequirements) -> VpoClient:
        """The client of one fetch, which raises BudgetExhausted if no request is free."""
        if self._store is None:
            return VpoClient(self._server, http=self._http)
        return VpoClient(self._server, http=_Fetch(self, self._store, need))

    def close(self) -> None:
        """Take no more part; if this process leads, another soon does."""
        self._closing.set()

    def outcome(self, store: "Store", wanted: Wanted, not_before: float) -> _Outcome:
        """Return how the wanted GET of any process ended; raises BudgetExhausted."""
        if self.problem is None:
            try:
                return self._shared(store, wanted, not_before)
            except StoreDown as down:
                self._fail(down)
        self._alone_at = now()
        return self._request(wanted)

    def _shared(self, store: "Store", wanted: Wanted, not_before: float) -> _Outcome:
        """Make the request if this process leads, or have the leader make it."""
        begun, told = now(), None
        known = self._known(store, wanted, not_before)
        while known is None and now() < begun + _PATIENCE:
            if now() < self._leads_until:
                return self._lead(store, wanted, not_before)
            leader = self._leader
            if leader is not None and leader != told:
                store.push(f"wanted:{leader}", wanted.model_dump_json().encode())
                told = leader
            reply = store.pop(wanted.reply)
            if reply == _NO_BUDGET:
                raise BudgetExhausted(1 / Budget(self._per_minute).per_second)
            if reply is not None:
                known, told = self._read(store, wanted.key), None
        return known or _Outcome(begun, now(), error=self._http.timed_out())

    def _lead(self, store: "Store", wanted: Wanted, not_before: float) -> _Outcome:
        """Make the request, once for all who want the same now."""
        with self._lock:
            one_at_a_time = self._under_way.setdefault(wanted.key, threading.Lock())
        with one_at_a_time:
            outcome = self._known(store, wanted, not_before)
            if outcome is None:
                outcome = self._request(wanted)
                packed = Result.pack(
                    outcome.body,
                    outcome.error,
                    took=outcome.answered_at - outcome.asked_at,
                    clock=time.time() + self._clock_ahead,
                )
                with self._lock:
                    tokens = self._budget.left(now())
                try:
                    store.put(wanted.key, packed, tokens)
                except StoreDown as down:
                    self._fail(down)
            return outcome

    def _request(self, wanted: Wanted) -> _Outcome:
        """Make a request; raises BudgetExhausted."""
        with self._lock:
            if not self._budget.take(now(), wanted.priority):
                raise BudgetExhausted(self._budget.wait(now(), priority=wanted.priority))
        asked_at, body, error = now(), None, None
        try:
            body = self._http.get(wanted.path, wanted.params, accept_503=wanted.accept_503)
        except errors.VpoError as failure:
            error = failure
        self._clock_ahead = self._http.clock_ahead
        return _Outcome(asked_at, now(), body, error)

    def _known(self, store: "Store", wanted: Wanted, not_before: float) -> _Outcome | None:
        """What the store has, if it suits."""
        found = self._read(store, wanted.key)
        if found is None or found.asked_at <= not_before:
            return None
        is_answer = found.error is None or isinstance(found.error, errors.ANSWERS)
        max_age = _YOUNG * wanted.max_age if is_answer else _FAILURE_SECONDS
        return found if now() - found.answered_at < max_age else None

    def _read(self, store: "Store", key: str) -> _Outcome | None:
        read_at = now()
        packed, age = store.get(key) or (b"", 0.0)
        result = Result.unpack(packed)
        if result is None:
            return None
        ahead = result.clock + age - time.time()
        self._clock_ahead = ahead if abs(ahead) < ANY_CLOCK else 0.0
        error = result.failure(age)
        # One that was refused at once must not count as a second failure some ms later.
        took = result.took if error is None else max(result.took, _LEAST_FAILURE)
        return _Outcome(read_at - age - took, read_at - age, result.body, error)

    def _take_part(self, store: "Store") -> None:
        """Stand for election again and again, and make the requests that followers want."""
        elect_at = -math.inf
        while not self._closing.is_set():
            try:
                if now() >= elect_at:
                    elect_at = now() + _ELECTION_INTERVAL
                    self._elect(store)
                if now() >= self._leads_until:
                    self._closing.wait(_ELECTION_INTERVAL)
                elif message := store.pop(f"wanted:{self._process}"):
                    _start_thread(self._serve, store, message)
            except StoreDown as down:
                self._fail(down)
                self._closing.wait(RETRY_AFTER)
            except RuntimeError:  # the system has no thread to spare: followers ask again
                self._closing.wait(_ELECTION_INTERVAL)

    def _elect(self, store: "Store") -> None:
        begun, was_down = now(), self.problem is not None
        leader, processes, tokens = store.elect()
        with self._lock:
            self.problem, self._processes = None, processes
            if leader == self._process and leader != self._leader:
                # What processes have requested on their own is not in the store.
                was_alone = begun - self._alone_at < WINDOW
                self._budget = Budget(self._per_minute, tokens=0.0 if was_alone else tokens)
            self._leader = leader
            self._leads_until = begun + LEASE if leader == self._process else -math.inf
        if was_down:
            _log.warning("The store in %s is back in use.", self._setting)

    def _serve(self, store: "Store", message: bytes) -> None:
        """Make a request that a follower wants, if the budget allows it, and tell it."""
        try:
            wanted, reply = Wanted.model_validate_json(message), _DONE
            try:
                self._lead(store, wanted, now() - wanted.newest)
            except BudgetExhausted:
                reply = _NO_BUDGET
            store.push(wanted.reply, reply)
        except ValidationError:
            return  # not of this version
        except StoreDown as down:
            self._fail(down)

    def _fail(self, down: StoreDown) -> None:
        """Poll alone from now on, until the store works again."""
        problem = (
            f"The store in {self._setting} {down}, so this process polls VPO on its own. "
            f"Retrying every {RETRY_AFTER:.0f} s."
        )
        with self._lock:
            is_new, self.problem = self.problem is None, problem
            self._leader, self._leads_until = None, -math.inf
            if is_new and self._processes is not None:
                # The leader may have spent the whole budget just now.
                self._budget = Budget(self._per_minute // self._processes, tokens=0.0)
        if is_new:
            _log.warning("%s", problem)


@dataclass(frozen=True)
class _Fetch:
    """What the client of one fetch requests with."""

    _sharing: Sharing
    _store: "Store"
    _need: FetchRequirements

    @property
    def clock_ahead(self) -> float:
        """Seconds by which VPO's clock is ahead of ours; 0 if unknown."""
        return self._sharing.clock_ahead

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        """Return the JSON of a path and note when it came; raises a VpoError or BudgetExhausted."""
        need = self._need
        wanted = Wanted(
            path=path,
            params={name: value for name, value in (params or {}).items() if value is not None},
            accept_503=accept_503,
            priority=need.priority,
            max_age=need.max_age,
            newest=now() - need.not_before,
            reply=f"reply:{secrets.token_hex(8)}",
        )
        outcome = self._sharing.outcome(self._store, wanted, need.not_before)
        need.asked_at, need.answered_at = outcome.asked_at, outcome.answered_at
        if outcome.error is not None:
            raise outcome.error
        return outcome.body


def _open(server: Server, url: SecretStr, setting: str, process: str) -> "Store":
    """Return the store, not connected yet; raises NoStore."""
    checked = checked_address(url, setting)
    try:
        from vpo_monitor.polling.shared.store import Store  # noqa: PLC0415 - optional
    except ImportError:
        raise NoStore(
            f"{setting} is set, but the redis library isn't installed, so this process polls VPO "
            "on its own. Run: python -m pip install 'redis>=5,<9'"
        ) from None
    # Processes with another token must not get what VPO answered to this one.
    token = "" if server.token is None else server.token.get_secret_value()
    secret, salt = (text.encode("utf-8", "replace") for text in (token, server.url))
    group = hashlib.pbkdf2_hmac("sha256", secret, salt, _KEY_ROUNDS).hex()[:32]
    return Store(checked, f"vpo-monitor:2:{group}:", process, LEASE)


def _start_thread(work: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=work, args=arguments, name="vpo-store", daemon=True).start()
