"""Work of many requests: each is a generator of the next request, which a run advances."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vpo_monitor.polling.queries import Priority, Query

T = TypeVar("T")

Steps = Generator[tuple[T, Query[Any]], Any, T]
"""Yields the result so far and the next request, whose answer is sent in; returns the result."""


@dataclass(frozen=True)
class BulkQuery(Query[T]):
    """Work of many requests, one at a time, each with the priority of the work.

    `method(**arguments)` returns its `Steps`, all on `route`. A request that fails is sent again;
    with `skips_failures` the generator gets the VpoError instead and chooses what is next. A shared
    answer, which another process requested, is used for up to `reuse` seconds.
    """

    priority: Priority = Priority.BULK
    skips_failures: bool = False
    reuse: float = 0.0


class BulkRun(Generic[T]):
    """One run of such work; `request` is what to send next, or None when it is done."""

    def __init__(self, query: BulkQuery[T]) -> None:
        self._steps: Steps[T] = query.method(**dict(query.arguments))
        self.request: Query[Any] | None = None
        self.result: T | None = None
        self.advance(None)

    def advance(self, answer: Any) -> T | None:
        """Hand over the answer to `request`, and return the result so far."""
        try:
            self.result, self.request = self._steps.send(answer)
        except StopIteration as end:
            self.result, self.request = end.value, None
        return self.result
