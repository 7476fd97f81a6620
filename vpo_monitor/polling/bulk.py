"""Work of many requests: each is a generator of the next request, advanced by a run."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling.queries import Priority, Query

T = TypeVar("T")

Steps = Generator[tuple[T, Query[Any] | None], Any, T]
"""Yields the result so far and the next request, whose answer is sent in; returns the result. None
for a request means that the result is complete, and that the work goes on when newer is wanted."""


@dataclass(frozen=True)
class BulkQuery(Query[T]):
    """Work of many requests, sent one at a time with the priority of the work.

    `method(**arguments)` returns its `Steps`, all on `route`. A request that fails is sent again;
    with `skips_failures` the generator gets the VpoError instead and chooses what is next. A shared
    answer, which another process requested, is used for up to `reuse` seconds.
    """

    priority: Priority = Priority.BULK
    skips_failures: bool = False
    reuse: float = 0.0

    def fetch(self, client: VpoClient) -> Any:  # noqa: ARG002 - nothing is sent
        """Answer for work that has nothing left to request when its turn comes."""
        return None


class BulkRun(Generic[T]):
    """One run of such work, with the next request to send; None if the result is complete."""

    def __init__(self, query: BulkQuery[T]) -> None:
        self._steps: Steps[T] = query.method(**dict(query.arguments))
        self.request: Query[Any] | None = None
        self.result: T | None = None
        self.is_complete = self.is_done = False
        self._send(None)

    def advance(self, answer: Any) -> T | None:
        """Hand over the answer to `request`, and return the result so far."""
        self._send(answer)
        self.is_complete = self.request is None
        return self.result

    def go_on(self) -> None:
        """Continue after a complete result, as a newer one is wanted."""
        if self.request is None and not self.is_done:
            self._send(None)

    def _send(self, answer: Any) -> None:
        self.is_done = True  # also if the generator fails
        try:
            self.result, self.request = self._steps.send(answer)
            self.is_done = False
        except StopIteration as end:
            self.result, self.request = end.value, None
