"""A server for a poller, without a network, and a clock that the test moves."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.server import Server
from vpo_monitor.polling.bulk import BulkQuery, Steps
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Priority, Query, Route

CLIENT = VpoClient(Server("test", "http://127.0.0.1:1"))


@dataclass
class World:
    """A clock that the test moves, and a server that answers as it is told."""

    now: float = 1000.0
    answers: dict[Route, Any] = field(default_factory=dict)
    asked: list[Route] = field(default_factory=list)
    started: list[Callable[[], None]] = field(default_factory=list)

    def query(self, route: Route = Route.LIST, number: int = 0) -> Query[Any]:
        return Query(route, self.answer, (("route", route), ("number", number)))

    def steps(self, number: int = 1) -> BulkQuery[int]:
        """Work of a thousand requests for the log."""
        return BulkQuery(Route.LOGS, self.thousand, (("number", number),))

    def thousand(self, number: int) -> Steps[int]:
        for done in range(1000):
            yield done, self.query(Route.LOGS, number)
        return 1000

    def answer(self, _client: VpoClient, route: Route, number: int) -> Any:
        self.asked.append(route)
        answer = self.answers.get(route, f"{route} {number}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def poller(self, per_minute: int = 100, **more: Any) -> Poller:
        """A poller that fetches at once, in the reader's own thread."""
        given: dict[str, Any] = {"start": lambda work: work(), "patience": 0.0} | more
        return Poller(CLIENT, Budget(per_minute), now=lambda: self.now, random=lambda: 0.5, **given)

    def waiting_poller(self, budget: Budget | None = None, **more: Any) -> Poller:
        """A poller whose fetches stay under way until the test runs what is in `started`."""
        given: dict[str, Any] = {"start": self.started.append, "patience": 0.0} | more
        return Poller(
            CLIENT, budget or Budget(100), now=lambda: self.now, random=lambda: 0.5, **given
        )

    def finish(self) -> None:
        """Let the fetch that has been under way for longest end."""
        self.started.pop(0)()

    def __hash__(self) -> int:
        return id(self)


def in_spare_time(query: Query[Any]) -> Query[Any]:
    """The same query as one that nobody waits for."""
    return replace(query, priority=Priority.NICE_TO_HAVE)
