"""Login sessions: who is logged in, and until when."""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MAX_SESSIONS = 10_000


@dataclass(frozen=True)
class Session:
    """A login. `key` names it: a digest of its token, with which nobody can log in."""

    key: bytes
    email: str | None = None


@dataclass
class _Held:
    session: Session
    started_at: float
    used_at: float


class Sessions:
    """All sessions of the process, for any thread. They end with it.

    A session ends `lifetime` seconds after login, after `idle` seconds without use, or by `end`.
    At most MAX_SESSIONS are kept. Those that were never used after their login go first, so that
    somebody who logs in again and again pushes out nobody else; then those used least recently.
    """

    def __init__(
        self, *, lifetime: float, idle: float, now: Callable[[], float] = time.time
    ) -> None:
        self._lifetime = lifetime
        self._idle = idle
        self._now = now
        self._lock = threading.Lock()
        self._unused: OrderedDict[bytes, _Held] = OrderedDict()
        self._used: OrderedDict[bytes, _Held] = OrderedDict()
        self._on_end: list[Callable[[bytes], None]] = []

    @property
    def lifetime(self) -> float:
        """Seconds from login to the end of a session that is used all the time."""
        return self._lifetime

    def on_end(self, callback: Callable[[bytes], None]) -> None:
        """Call this with the key of each session that ends, in the thread that notices."""
        self._on_end.append(callback)

    def start(self, email: str | None = None) -> str:
        """Start a session and return its token, which is not kept."""
        token = secrets.token_urlsafe(32)
        session = Session(_key(token), email)
        with self._lock:
            now = self._now()
            ended = self._remove_expired(now)
            self._unused[session.key] = _Held(session, now, now)
            ended += self._remove_surplus()
        self._announce(ended)
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, if it goes on. Looking for it doesn't prolong it."""
        key = _key(token)
        with self._lock:
            held = self._held(key)
            if held is None:
                return None
            if self._seconds_left(held) > 0:
                return held.session
            self._remove(key)
        self._announce([key])
        return None

    def touch(self, key: bytes) -> None:
        """Note that a session is in use."""
        with self._lock:
            held = self._held(key)
            if held is not None and self._seconds_left(held) > 0:
                held.used_at = self._now()
                self._unused.pop(key, None)
                self._used[key] = held
                self._used.move_to_end(key)

    def seconds_left(self, key: bytes) -> float:
        """Seconds until a session ends if it isn't used; 0 if it has ended."""
        with self._lock:
            held = self._held(key)
            return 0.0 if held is None else self._seconds_left(held)

    def end(self, key: bytes) -> None:
        """End a session, for every browser and tab that uses it."""
        with self._lock:
            ended = [key] if self._remove(key) else []
        self._announce(ended)

    def _held(self, key: bytes) -> _Held | None:
        return self._used.get(key) or self._unused.get(key)

    def _seconds_left(self, held: _Held) -> float:
        ends_at = min(held.started_at + self._lifetime, held.used_at + self._idle)
        return max(0.0, ends_at - self._now())

    def _remove(self, key: bytes) -> bool:
        removed = self._used.pop(key, None) or self._unused.pop(key, None)
        return removed is not None

    def _remove_expired(self, now: float) -> list[bytes]:
        """Remove those that weren't used in time: each queue has the longest unused in front."""
        removed = []
        for queue in (self._unused, self._used):
            while queue:
                key, held = next(iter(queue.items()))
                if now < held.used_at + self._idle:
                    break
                del queue[key]
                removed.append(key)
        return removed

    def _remove_surplus(self) -> list[bytes]:
        if len(self._unused) + len(self._used) <= MAX_SESSIONS:
            return []
        # The last one has just logged in.
        queue = self._unused if len(self._unused) > 1 else self._used
        key, _held = queue.popitem(last=False)
        return [key]

    def _announce(self, ended: Iterable[bytes]) -> None:
        for key in ended:
            for callback in self._on_end:
                callback(key)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
