"""What processes share their requests through, in Redis or Valkey."""

import contextlib
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import redis
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.exceptions import LockError, NoPermissionError
from redis.lock import Lock
from redis.retry import Retry

from vpo_monitor.api.json_http import MAX_BODY_BYTES
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.queries import Priority
from vpo_monitor.polling.shared.address import StoreDown

LIFE = 60.0
"""Seconds for which a result is kept."""
LEASE = 3.0
"""Seconds after which a lock expires whose process is gone; others renew theirs every second."""
_TIMEOUT = 0.25
"""Seconds for connecting and for each reply; a store nearby takes a millisecond."""
_MAX_BYTES = MAX_BODY_BYTES + 100_000
_SEEN_WITHIN = 30


class Store:
    """Results, their locks and the budget of all, below `prefix`. Thread-safe; raises StoreDown.

    `url` was checked, and may hold a password. `process` identifies this process. Everything
    expires, and the store counts the seconds, so that no two clocks need to agree.
    """

    def __init__(self, url: SecretStr, prefix: str, process: str) -> None:
        self._prefix = prefix
        self._process = process
        self._redis = _client(url)
        self._held: set[str] = set()

    def close(self) -> None:
        """Close all connections."""
        self._redis.close()

    def beat(self) -> int:
        """Take part, and renew the locks held. Return how many processes take part."""
        processes = f"{self._prefix}processes"
        with _errors():
            now = self._now()
            with self._redis.pipeline() as work:
                work.zadd(processes, {self._process: now})
                work.zremrangebyscore(processes, "-inf", now - _SEEN_WITHIN)
                work.expire(processes, _SEEN_WITHIN)
                for name in tuple(self._held):
                    work.pexpire(name, round(LEASE * 1000))
                work.zcard(processes)
                return max(1, int(work.execute()[-1]))

    def get(self, key: str) -> tuple[bytes, float] | None:
        """Return a result and its age in seconds; None if there is none, or one too large."""
        name = f"{self._prefix}result:{key}"
        with _errors(), self._redis.pipeline() as work:
            work.getrange(name, 0, _MAX_BYTES)
            work.pttl(name)
            packed, left = work.execute()
            is_result = packed and left >= 0 and len(packed) <= _MAX_BYTES
            return (packed, max(0.0, LIFE - left / 1000)) if is_result else None

    def put(self, key: str, packed: bytes) -> None:
        """Keep a result."""
        with _errors():
            self._redis.set(f"{self._prefix}result:{key}", packed, px=round(LIFE * 1000))

    @contextlib.contextmanager
    def exclusive(self, key: str, patience: float) -> Iterator[bool]:
        """Hold the lock of a result. False if others hold it for `patience` seconds and longer."""
        name = f"{self._prefix}lock:{key}"
        lock = Lock(self._redis, name, LEASE, sleep=0.05, blocking_timeout=patience)
        with _errors():
            is_ours = lock.acquire()
        if not is_ours:
            yield False
            return
        self._held.add(name)
        try:
            yield True
        finally:
            self._held.discard(name)
            with contextlib.suppress(StoreDown), _errors():  # else it expires
                lock.release()

    def spend(self, per_minute: int, priority: Priority) -> float:
        """Take one request from the budget of all, or return the seconds until one is free."""
        name = f"{self._prefix}budget"
        with (
            _errors(),
            Lock(self._redis, f"{name}-lock", 1.0, sleep=0.01, blocking_timeout=2.0),
        ):
            now, left = self._now(), self._redis.get(name)
            tokens, counted_at = (float(number) for number in left.split()) if left else (None, now)
            budget = Budget(per_minute, tokens)
            budget.left(counted_at)
            is_spent = budget.take(now, priority)
            self._redis.set(name, f"{budget.left(now)} {now}", px=round(LIFE * 1000))
            return 0.0 if is_spent else budget.wait(now, priority=priority)

    def empty_budget(self) -> None:
        """Leave no request in the budget: only what flows in from now on."""
        with _errors():
            self._redis.set(f"{self._prefix}budget", f"0 {self._now()}", px=round(LIFE * 1000))

    def _now(self) -> float:
        seconds, microseconds = self._redis.time()
        return float(seconds) + microseconds / 1e6


def _client(url: SecretStr) -> redis.Redis:
    parts = urlsplit(url.get_secret_value())
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # The login is not part of the address that the library gets, as it shows that in a `repr`.
    login = redis.UsernamePasswordCredentialProvider(user or None, password) if password else None
    pool = redis.ConnectionPool.from_url(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[-1]}{parts.path}?{parts.query}",
        credential_provider=login,
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        retry=Retry(NoBackoff(), 0),  # a reader would wait for all attempts
        protocol=2,
    )
    return redis.Redis.from_pool(pool)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Raise StoreDown for any error, without a cause: the library's errors may quote anything."""
    why = None
    try:
        yield
    except (redis.TimeoutError, LockError):  # or this process paused while it held the budget
        why = "does not answer in time"
    except (redis.AuthenticationError, NoPermissionError):
        why = "rejects the login or a required command"
    except (redis.ConnectionError, OSError):
        why = "cannot be reached"
    except redis.ResponseError:
        why = "rejects a required command"
    except Exception:  # noqa: BLE001 - what is no Redis can make the library stumble anywhere
        why = "does not answer like Redis"
    if why is not None:
        raise StoreDown(why)
