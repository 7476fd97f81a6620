"""When to ask again after a failure. Decides and returns the time; never sleeps."""

from collections.abc import Callable
from dataclasses import dataclass, field

PATIENT_FAILURES = 2
"""So many failures in a row leave the normal interval as it is: a blip is no outage."""
FIRST_DELAY = 10.0
MAX_DELAY = 120.0
JITTER = 0.1
MAX_RETRY_AFTER = 3600.0
"""Seconds; a server that asks for more would silence the page for good over one odd header."""


@dataclass
class Backoff:
    """The failures in a row of one thing that can fail, and when it may be tried again.

    `random` gives numbers from 0 to 1; the clock is whatever the caller's `now` counts, in seconds.
    """

    random: Callable[[], float]
    failures: int = 0
    next_attempt_at: float = field(default=float("-inf"))
    _failed_at: float = field(default=float("-inf"))
    _closed_until: float = field(default=float("-inf"))  # as the server itself asks

    def failed(
        self,
        now: float,
        interval: float,
        retry_after: float | None = None,
        *,
        asked_at: float | None = None,
    ) -> float:
        """Count a failure and return the time of the next attempt.

        One whose request was sent (`asked_at`) before the last failure was known is part of that
        one: it makes the next attempt no later, unless the server asks for it.

        The first two wait `interval`; from the third it is 10 s, doubling up to 120 s, each
        ±10 % at random but never above 120 s, and never below `interval`. A server's own
        `retry_after` is obeyed instead, up to an hour and not below `interval`.
        """
        is_part = self.failures > 0 and asked_at is not None and asked_at < self._failed_at
        if is_part and retry_after is None:
            return self.next_attempt_at
        self._failed_at = now
        self.failures += not is_part
        if retry_after is not None:
            delay = min(retry_after, MAX_RETRY_AFTER)
        elif self.failures <= PATIENT_FAILURES:
            delay = interval
        else:
            doublings = min(self.failures - PATIENT_FAILURES - 1, 10)  # 10 s · 2¹⁰ is past any cap
            spread = 1 + JITTER * (2 * self.random() - 1)
            delay = min(FIRST_DELAY * 2**doublings * spread, MAX_DELAY)
        self.next_attempt_at = now + max(delay, interval)
        if retry_after is not None:
            self._closed_until = now + delay
        return self.next_attempt_at

    def succeeded(self) -> None:
        """Forget all failures."""
        self.failures = 0
        self.next_attempt_at = self._closed_until = float("-inf")

    def try_now(self) -> None:
        """Let the next attempt come at once, or when the server has asked for it.

        The failures stay counted.
        """
        self.next_attempt_at = self._closed_until
