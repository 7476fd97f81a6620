"""How many requests a minute may go out, whoever asks."""

WINDOW = 60.0
"""Seconds."""
_BURST_SHARE = 5


class Budget:
    """A token bucket: at most `per_minute` requests in any 60 s, spread rather than in one gulp.

    A fifth of the budget may go out at once, for a page that opens; the rest flows in evenly, so
    that a short budget makes every query a little slower instead of stopping all for a minute.
    Not safe for several threads: its owner holds the lock.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = max(1, per_minute)
        self.burst = max(1.0, self.per_minute // _BURST_SHARE)
        # The most that fits in a window is a full bucket and what flows in meanwhile.
        self.per_second = max(self.per_minute - self.burst, 0.5) / WINDOW
        self._tokens = self.burst
        self._filled_at: float | None = None

    @property
    def reserve(self) -> int:
        """How many requests patient work leaves for those who may not wait: half of the burst."""
        return int(self.burst // 2)

    @property
    def background_reserve(self) -> int:
        """How many requests background work leaves for all others: nearly the whole burst."""
        return int(self.burst * 0.9)

    @property
    def patience(self) -> float:
        """Seconds that patient work waits for a step; so it never takes more than a quarter."""
        return 4 / self.per_second

    def take(self, now: float, *, keep: int = 0) -> bool:
        """Spend one request if there is one to spend and `keep` are left after it."""
        self._fill(now)
        if self._tokens < 1 + keep:
            return False
        self._tokens -= 1
        return True

    def wait(self, now: float, ahead: int = 0, *, keep: int = 0) -> float:
        """Seconds until one can be spent by someone with `ahead` others before them."""
        self._fill(now)
        return max(0.0, (ahead + 1 + keep - self._tokens) / self.per_second)

    def left(self, now: float) -> float:
        """How many requests may go out at once now; a part of one is on its way to be one."""
        self._fill(now)
        return self._tokens

    def _fill(self, now: float) -> None:
        if self._filled_at is not None:
            elapsed = max(0.0, now - self._filled_at)
            self._tokens = min(self.burst, self._tokens + elapsed * self.per_second)
        self._filled_at = now
