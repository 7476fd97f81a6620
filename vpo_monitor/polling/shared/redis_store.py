"""A store in Redis or Valkey. Importing this needs the library `redis`."""

import math
import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import redis
from pydantic import SecretStr
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from vpo_monitor.polling.shared.store import (
    FORMAT,
    MOST_BYTES,
    Bucket,
    StoreDown,
    Taken,
    Value,
)

T = TypeVar("T")

TIMEOUT = 0.25
"""Seconds for connecting and for each reply; a store in the same house takes a millisecond."""
_CONNECTIONS = 32
_SEEN_FOR = 120
"""Seconds for which a process that has asked for something counts as there."""
_MILLISECONDS = 1000

_UNLOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
# In the store, as no two processes may spend the same request, and by its clock alone.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local burst, per_second, at_first = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local requests, keep, kept = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[7])
redis.call('ZADD', KEYS[2], now, ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - kept)
redis.call('EXPIRE', KEYS[2], kept)
local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(known[1] or at_first), tonumber(known[2] or now)
tokens = math.min(burst, tokens + math.max(0, now - at) * per_second)
local wait = 0
if tokens >= requests + keep then
  tokens = tokens - requests
else
  wait = (requests + keep - tokens) / per_second
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('EXPIRE', KEYS[1], kept)
return {tostring(wait), redis.call('ZCARD', KEYS[2])}
"""


class _Login(CredentialProvider):
    """What the address holds of a login: the library shows its own arguments in a `repr`."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """The password, after the user's name where one is given."""
        parts = urlsplit(self._url.get_secret_value())
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return (user, password) if user else (password,)


class RedisStore:
    """See `Store`. `url` was checked (`address.py`), and may hold a password."""

    def __init__(self, url: SecretStr, *, timeout: float = TIMEOUT) -> None:
        parts = urlsplit(url.get_secret_value())
        host = parts.netloc.rpartition("@")[-1]
        pool = redis.ConnectionPool.from_url(
            f"{parts.scheme}://{host}{parts.path}?{parts.query}",
            credential_provider=_Login(url) if parts.password else None,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),  # whoever waits for an answer would wait for all tries
            protocol=2,
            max_connections=_CONNECTIONS,
        )
        self._redis = redis.Redis(connection_pool=pool)
        self._unlock = self._redis.register_script(_UNLOCK)
        self._take = self._redis.register_script(_TAKE)

    def check(self) -> None:
        """Do each of the things below once, with keys of its own."""
        key, seconds = f"check:{secrets.token_hex(8)}", 1.0
        self.put(key, b"1", seconds)
        self.get(key)
        self.lock(f"{key}:lock", key, seconds)
        self.unlock(f"{key}:lock", key)
        self.take(Bucket(key=f"{key}:budget", process=key, burst=1, per_second=1, at_first=1), 1, 0)
        self._do(lambda: self._redis.delete(*_bucket_keys(f"{key}:budget")))

    def get(self, key: str) -> Value | None:
        """What stands there; None where nothing does, or something too long."""

        def ask() -> Any:
            # Together, as the end of one value says nothing of the next.
            both = self._redis.pipeline(transaction=True)
            both.getrange(FORMAT + key, 0, MOST_BYTES)
            both.pttl(FORMAT + key)
            return both.execute()

        octets, left = self._do(ask)
        if not isinstance(octets, bytes) or not isinstance(left, int):
            raise StoreDown(_RUBBISH)
        if not octets or left < 0 or len(octets) > MOST_BYTES:
            return None
        return Value(octets, left / _MILLISECONDS)

    def put(self, key: str, octets: bytes, seconds: float) -> None:
        """Let it stand there for so long."""
        self._do(lambda: self._redis.set(FORMAT + key, octets, px=_whole(seconds)))

    def lock(self, key: str, holder: str, seconds: float) -> bool:
        """Whether `holder` has the key to itself now, for so long at most; False: another has."""
        return bool(
            self._do(lambda: self._redis.set(FORMAT + key, holder, px=_whole(seconds), nx=True))
        )

    def unlock(self, key: str, holder: str) -> None:
        """Give the key back, if `holder` still has it."""
        self._do(lambda: self._unlock(keys=[FORMAT + key], args=[holder]))

    def take(self, bucket: Bucket, requests: int, keep: int) -> Taken:
        """Spend so many requests, or none, if `keep` are left after it."""
        arguments = (
            *(bucket.burst, bucket.per_second, bucket.at_first),
            *(requests, keep, bucket.process, _SEEN_FOR),
        )
        answer = self._do(lambda: self._take(keys=_bucket_keys(bucket.key), args=arguments))
        try:
            taken = Taken(float(answer[0]), int(answer[1]))
        except (LookupError, TypeError, ValueError):
            raise StoreDown(_RUBBISH) from None
        if not 0 <= taken.wait < math.inf:
            raise StoreDown(_RUBBISH)
        return taken

    def _do(self, work: Callable[[], T]) -> T:
        """Do it, or raise StoreDown without a cause: what the library says may hold anything."""
        try:
            return work()
        except redis.TimeoutError:
            why = "does not answer in time"
        except (redis.AuthenticationError, NoPermissionError):
            why = "rejects the login or a required command"
        except (redis.ConnectionError, OSError):
            why = "cannot be reached"
        except redis.ResponseError:
            why = "rejects a required command"
        except Exception:  # noqa: BLE001 - what is no Redis can make the library stumble anywhere
            why = _RUBBISH
        raise StoreDown(why)


_RUBBISH = "does not answer like Redis"


def _bucket_keys(key: str) -> tuple[str, str]:
    return f"{FORMAT}{key}", f"{FORMAT}{key}:processes"


def _whole(seconds: float) -> int:
    return max(1, round(seconds * _MILLISECONDS))
