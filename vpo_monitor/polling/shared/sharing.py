"""The requests of several processes to one server, each made by one process for all.

- Who wants an answer takes it from the store. If none there is new enough, one process gets the
  lock of this request and makes it, within the budget of all; the others wait for its result.
- A process renews the locks that it holds. If it is gone they expire, and another one requests.
- Without the store, each process makes its own requests, within its share of the budget.
"""

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import ANY_CLOCK, SAME_CLOCK, JsonHttp, Params
from vpo_monitor.api.server import Server
from vpo_monitor.polling.clock import now
from vpo_monitor.polling.fetch_requirements import BudgetExhausted, FetchRequirements
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared.address import NoStore, StoreDown, checked_address
from vpo_monitor.polling.shared.result import Result

if TYPE_CHECKING:
    from vpo_monitor.polling.shared.store import Store

RETRY_AFTER = 5.0
"""Seconds for which a store that failed is left alone."""
ASSUMED_PROCESSES = 4
"""A process that has never reached the store can't know how many there are."""
_BEAT_INTERVAL = 1.0
_YOUNG = 0.9
"""Of the age that a reader wants: it would have to replace an older answer at once."""
_FAILURE_SECONDS = 15.0
"""Age from which a failure is not another process's anymore."""
_LEAST_FAILURE = 0.02
_PATIENCE = 35.0
"""Seconds to wait for another process's request, which may take up to 33 s."""
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
        self.http = JsonHttp(server)
        self._server = server
        self._clock_ahead = 0.0
        self._setting = setting
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._own_budget = Budget(per_minute // ASSUMED_PROCESSES)
        self._processes: int | None = None
        self._closing = threading.Event()
        self._store: Store | None = None
        try:
            self._store = _open(server, url, setting)
        except NoStore as error:
            self.problem = str(error)
            _log.warning("%s", error)
        else:
            self._thread = threading.Thread(
                target=self._beat, args=(self._store,), name="vpo-store", daemon=True
            )
            self._thread.start()

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
        return VpoClient(
            self._server, http=self.http if self._store is None else _Fetch(self, need)
        )

    def close(self) -> None:
        """Take no more part, and close the connections to the store. May take 2 s."""
        self._closing.set()
        if self._store is not None:
            self._thread.join()
            self._store.close()

    def outcome(self, key: str, need: FetchRequirements, get: Callable[[], Any]) -> _Outcome:
        """Return how the GET ended that is stored as `key`, be it `get` or another process's.

        Raises BudgetExhausted.
        """
        if self.problem is None and self._store is not None:
            try:
                return self._shared(self._store, key, need, get)
            except StoreDown as down:
                self._fail(down)
        with self._lock:
            if not self._own_budget.take(now(), need.priority):
                raise BudgetExhausted(self._own_budget.wait(now(), priority=need.priority))
        return self._request(get)

    def _shared(
        self, store: "Store", key: str, need: FetchRequirements, get: Callable[[], Any]
    ) -> _Outcome:
        """Take what the store has, or make the request, unless another process does just now."""
        begun, known = now(), self._known(store, key, need)
        if known is not None:
            return known
        with store.exclusive(key, _PATIENCE) as is_ours:
            if not is_ours:
                return _Outcome(begun, now(), error=self.http.timed_out())
            known = self._known(store, key, need)
            if known is not None:
                return known
            wait = store.spend(self._per_minute, need.priority)
            if wait > 0:
                raise BudgetExhausted(wait)
            outcome = self._request(get)
            packed = Result.pack(
                outcome.body,
                outcome.error,
                took=outcome.answered_at - outcome.asked_at,
                clock=time.time() + self._clock_ahead,
            )
            try:
                store.put(key, packed)
            except StoreDown as down:  # the answer is there nevertheless
                self._fail(down)
            return outcome

    def _request(self, get: Callable[[], Any]) -> _Outcome:
        asked_at, body, error = now(), None, None
        try:
            body = get()
        except errors.VpoError as failure:
            error = failure
        self._clock_ahead = self.http.clock_ahead
        return _Outcome(asked_at, now(), body, error)

    def _known(self, store: "Store", key: str, need: FetchRequirements) -> _Outcome | None:
        """What the store has, if it suits."""
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
        is_answer = error is None or isinstance(error, errors.ANSWERS)
        max_age = _YOUNG * need.max_age if is_answer else _FAILURE_SECONDS
        asked_at = read_at - age - took
        if asked_at <= need.not_before or now() - read_at + age >= max_age:
            return None
        return _Outcome(asked_at, read_at - age, result.body, error)

    def _beat(self, store: "Store") -> None:
        """Tell the other processes again and again that this one is there."""
        pause = 0.0
        while not self._closing.wait(pause):
            pause = _BEAT_INTERVAL
            try:
                self._processes = store.beat()
                if self.problem is not None:
                    store.empty_budget()  # it lacks what was requested meanwhile
                    self.problem = None
                    _log.warning("The store in %s is back in use.", self._setting)
            except StoreDown as down:
                pause = RETRY_AFTER
                self._fail(down)

    def _fail(self, down: StoreDown) -> None:
        """Poll alone from now on, until the store works again."""
        problem = (
            f"The store in {self._setting} {down}, so this process polls VPO on its own. "
            f"Retrying every {RETRY_AFTER:.0f} s."
        )
        with self._lock:
            is_new, self.problem = self.problem is None, problem
            if is_new and self._processes is not None:
                # The others may have spent the whole budget just now.
                self._own_budget = Budget(self._per_minute // self._processes, tokens=0.0)
        if is_new:
            _log.warning("%s", problem)


@dataclass(frozen=True)
class _Fetch:
    """What the client of one fetch requests with."""

    _sharing: Sharing
    _need: FetchRequirements

    @property
    def clock_ahead(self) -> float:
        """Seconds by which VPO's clock is ahead of ours; 0 if unknown."""
        return self._sharing.clock_ahead

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        """Return the JSON of a path and note when it came; raises a VpoError or BudgetExhausted."""
        get = partial(self._sharing.http.get, path, params, accept_503=accept_503)
        request = json.dumps([path, sorted((params or {}).items())])
        key = hashlib.sha256(request.encode()).hexdigest()
        outcome = self._sharing.outcome(key, self._need, get)
        self._need.asked_at, self._need.answered_at = outcome.asked_at, outcome.answered_at
        if outcome.error is not None:
            raise outcome.error
        return outcome.body


def _open(server: Server, url: SecretStr, setting: str) -> "Store":
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
    return Store(checked, f"vpo-monitor:3:{group}:", process=secrets.token_hex(8))
