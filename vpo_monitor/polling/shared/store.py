"""What processes share their poll through, in Redis or Valkey."""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.exceptions import LockError, NoPermissionError
from redis.lock import Lock
from redis.retry import Retry

from vpo_monitor.api.json_http import MAX_BODY_BYTES
from vpo_monitor.polling.shared.address import StoreDown

LIFE = 60.0
"""Seconds for which a result is kept."""
_TIMEOUT = 0.25
"""Seconds for connecting and for each reply; a store nearby takes a millisecond."""
_WAIT = 0.5
_MAX_BYTES = MAX_BODY_BYTES + 100_000
_SEEN_WITHIN = 30


class Store:
    """Leadership, results and lists of messages below `prefix`. Thread-safe; raises StoreDown.

    `url` was checked, and may hold a password. `process` identifies this process, which leads
    for `lease` seconds once elected. Everything expires, and the store counts the seconds, so that
    no two clocks need to agree.
    """

    def __init__(self, url: SecretStr, prefix: str, process: str, lease: float) -> None:
        self._prefix = prefix
        self._process = process
        self._redis = _client(url, _TIMEOUT)
        self._waiting = _client(url, _WAIT + _TIMEOUT)
        self._lock = Lock(self._redis, f"{prefix}leader", lease, thread_local=False)

    def elect(self) -> tuple[str | None, int, float | None]:
        """Lead, or go on leading, if nobody else does.

        Return the leader, how many processes take part, and what is left of the budget: None if
        there has been no request for long.
        """
        with _errors():
            try:
                self._lock.reacquire()
            except LockError:
                self._lock.acquire(blocking=False, token=self._process)
            leader: Any = self._redis.get(f"{self._prefix}leader")
            tokens: Any = self._redis.get(f"{self._prefix}budget")
            processes = f"{self._prefix}processes"
            now, _ = self._redis.time()
            with self._redis.pipeline() as work:
                work.zadd(processes, {self._process: now})
                work.zremrangebyscore(processes, "-inf", now - _SEEN_WITHIN)
                work.expire(processes, _SEEN_WITHIN)
                work.zcard(processes)
                *_, count = work.execute()
            left = None if tokens is None else float(tokens)
            return leader.decode() if leader else None, max(1, count), left

    def get(self, key: str) -> tuple[bytes, float] | None:
        """Return a result and its age in seconds; None if there is none, or one too large."""
        with _errors(), self._redis.pipeline() as work:
            work.getrange(self._prefix + key, 0, _MAX_BYTES)
            work.pttl(self._prefix + key)
            packed, left = work.execute()
            is_result = packed and left >= 0 and len(packed) <= _MAX_BYTES
            return (packed, max(0.0, LIFE - left / 1000)) if is_result else None

    def put(self, key: str, packed: bytes, tokens: float) -> None:
        """Keep a result, and what is left of the budget after it."""
        with _errors(), self._redis.pipeline() as work:
            work.set(self._prefix + key, packed, px=round(LIFE * 1000))
            work.set(f"{self._prefix}budget", tokens, ex=round(LIFE))
            work.execute()

    def push(self, name: str, message: bytes) -> None:
        """Append to a list."""
        with _errors(), self._redis.pipeline() as work:
            work.rpush(self._prefix + name, message)
            work.expire(self._prefix + name, round(LIFE))
            work.execute()

    def pop(self, name: str) -> bytes | None:
        """Take the first message of a list. Waits for one, but not long."""
        with _errors():
            popped: Any = self._waiting.blpop([self._prefix + name], timeout=_WAIT)
            return popped[1] if popped else None


def _client(url: SecretStr, timeout: float) -> redis.Redis:
    parts = urlsplit(url.get_secret_value())
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # The login is not part of the address that the library gets, as it shows that in a `repr`.
    login = redis.UsernamePasswordCredentialProvider(user or None, password) if password else None
    pool = redis.ConnectionPool.from_url(
        f"{parts.scheme}://{parts.netloc.rpartition('@')[-1]}{parts.path}?{parts.query}",
        credential_provider=login,
        socket_timeout=timeout,
        socket_connect_timeout=_TIMEOUT,
        retry=Retry(NoBackoff(), 0),  # a reader would wait for all attempts
        protocol=2,
    )
    return redis.Redis(connection_pool=pool)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Raise StoreDown for any error, without a cause: the library's errors may quote anything."""
    why = None
    try:
        yield
    except redis.TimeoutError:
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
