"""Objects that exist once per process, for all viewers."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Wrapper of a function without arguments: it runs once, and every call returns its result.

    Concurrent callers wait for it. An error is raised to its caller and not kept. Streamlit's
    caches are not used, because any session, even one without a login, can have them cleared; a
    cached poller would then start with a fresh request budget.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: tuple[T] | None = None
        self.__doc__ = make.__doc__

    def __call__(self) -> T:
        """Return the shared result."""
        made = self._made
        if made is None:
            with self._lock:
                made = self._made = self._made or (self._make(),)
        return made[0]

    def forget(self) -> None:
        """Discard the result, as in a new process."""
        with self._lock:
            self._made = None
