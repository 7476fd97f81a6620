"""A store in memory, with a clock that the test moves, for processes that are one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from vpo_monitor.polling.shared.store import Bucket, StoreDown, Taken, Value


@dataclass
class MemoryStore:
    """See `Store`; while `down` says why, everything fails. `calls` counts it all."""

    now: Callable[[], float]
    down: str | None = None
    calls: int = 0
    values: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    processes: dict[str, set[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        self._use()

    def get(self, key: str) -> Value | None:
        with self._lock:
            return self._get(key)

    def put(self, key: str, octets: bytes, seconds: float) -> None:
        with self._lock:
            self._use()
            self.values[key] = (octets, self.now() + seconds)

    def lock(self, key: str, holder: str, seconds: float) -> bool:
        with self._lock:
            if self._get(key) is not None:
                return False
            self.values[key] = (holder.encode(), self.now() + seconds)
            return True

    def unlock(self, key: str, holder: str) -> None:
        with self._lock:
            found = self._get(key)
            if found is not None and found.octets == holder.encode():
                del self.values[key]

    def take(self, bucket: Bucket, requests: int, keep: int) -> Taken:
        with self._lock:
            self._use()
            processes = self.processes.setdefault(bucket.key, set())
            processes.add(bucket.process)
            now = self.now()
            tokens, at = self.buckets.get(bucket.key, (bucket.at_first, now))
            tokens = min(bucket.burst, tokens + (now - at) * bucket.per_second)
            wait = max(0.0, (requests + keep - tokens) / bucket.per_second)
            self.buckets[bucket.key] = (tokens if wait else tokens - requests, now)
            return Taken(wait, len(processes))

    def _get(self, key: str) -> Value | None:
        self._use()
        octets, until = self.values.get(key, (b"", 0.0))
        left = until - self.now()
        return Value(octets, left) if left > 0 else None

    def _use(self) -> None:
        self.calls += 1
        if self.down is not None:
            raise StoreDown(self.down)
