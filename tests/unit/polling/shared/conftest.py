import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pytest
from pydantic import SecretStr

from tests.memory_store import MemoryStore
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import VpoError
from vpo_monitor.api.json_http import Params
from vpo_monitor.api.server import Server
from vpo_monitor.polling.fetch_requirements import BudgetExhausted, FetchRequirements
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared.answers import SharedAnswers
from vpo_monitor.polling.shared.budget import SharedBudget
from vpo_monitor.polling.shared.guard import Guard
from vpo_monitor.polling.shared.keys import Keys
from vpo_monitor.polling.shared.sharing import Answered

SERVER = Server("test", "http://127.0.0.1:8321", SecretStr("a token"))


keys_of = lru_cache(Keys)
"""To make them takes long, on purpose."""


@dataclass
class Vpo:
    """A server that answers as it is told; `took` seconds pass meanwhile."""

    world: "World"
    clock_ahead: float = 0.0
    took: float = 0.0
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        self.asked.append((self.world.now, path))
        self.world.now += self.took
        answer = self.answers.get(path, {"number": len(self.asked)})
        if callable(answer):
            answer = answer(params)
        if isinstance(answer, VpoError):
            raise answer
        return answer


@dataclass(eq=False)
class Process:
    """One process of the app, whose clock began at another moment, and what it has of a server."""

    world: "World"
    name: str
    began: float
    server: Server = SERVER
    per_minute: int = 100

    def __post_init__(self) -> None:
        self.vpo = self.world.others.get(self.server.url, self.world.vpo)
        self.guard = Guard(self.world.store, "THE_STORE", now=self.now, start=lambda work: work())
        keys = keys_of(self.server)
        self.budget = SharedBudget(
            self.guard, keys.budget, self.name, self.per_minute, now=self.now
        )
        self.answers = SharedAnswers(
            self.vpo,
            self.guard,
            keys,
            self.budget,
            now=self.now,
            utc=self.world.utc,
            pause=self.world.pause,
        )
        self.poller = Poller(
            VpoClient(self.server, http=self.vpo),
            Budget(self.per_minute),
            now=self.now,
            random=random.Random(self.name).random,
            start=lambda work: work(),
            patience=0.0,
            client_for=self.client_for,
        )

    def now(self) -> float:
        return self.world.now - self.began

    def client_for(self, need: FetchRequirements) -> VpoClient:
        return VpoClient(self.server, http=Answered(self.answers, need))

    def need(self, max_age: float = 5.0, *, newer_than: float = -1e9) -> FetchRequirements:
        now = self.now()
        return FetchRequirements(now, max_age, newer_than, Priority.IN_VIEW, now)

    def get(
        self, path: str = "/api/jobs", need: FetchRequirements | None = None, **params: Any
    ) -> Any:
        return self.answers.get(need or self.need(), path, params)

    def get_patiently(self, path: str) -> Any:
        """Ask, and once more whenever a request is free."""
        while True:
            try:
                return self.get(path)
            except BudgetExhausted as full:
                self.world.now += full.seconds


@dataclass
class World:
    """True time, one store, and one server but for `others`, which are told by their address.

    A pause of a process lets time pass.
    """

    now: float = 10_000.0
    paused: float = 0.0
    on_pause: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.vpo = Vpo(self)
        self.others: dict[str, Vpo] = {}
        self.store = MemoryStore(lambda: self.now)
        self.processes = 0

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.paused += seconds
        self.on_pause()

    def utc(self) -> float:
        return 1_700_000_000.0 + self.now

    def process(self, server: Server = SERVER, *, per_minute: int = 100) -> Process:
        self.processes += 1
        return Process(
            self, f"process {self.processes}", 1000.0 * self.processes, server, per_minute
        )


@pytest.fixture
def world() -> World:
    return World()
