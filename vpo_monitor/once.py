"""What is made once a process, however many viewers it has."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Wraps a function that takes nothing: the first call makes its result, all get the same.

    Threads that call meanwhile wait for it; an error is raised to its caller and not kept. It is
    not one of Streamlit's caches, as any session, also one that is not logged in, can have those
    cleared: with the poller in them that would be a way around its budget.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[T] | None = None
        self.__doc__ = make.__doc__

    def __call__(self) -> T:
        """The one result."""
        made = self._made
        if made is None:
            with self._lock:
                made = self._made = self._made or (self._make(),)
        return made[0]

    def forget(self) -> None:
        """Be as in a new process."""
        with self._lock:
            self._made = None
