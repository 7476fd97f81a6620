"""What the processes share their answers through: the few things that it must be able to do."""

from dataclasses import dataclass
from typing import Protocol

FORMAT = "vpo-monitor:1:"
"""How each key begins: other programs may use the same store, and other versions of this one."""
MOST_BYTES = 2 * 1024 * 1024
"""Of one value; what is longer is neither put in nor taken out."""


class StoreDown(Exception):
    """The store cannot be used; `str()` continues a sentence about it: "… does not answer"."""


@dataclass(frozen=True)
class Value:
    """What stands below a key, and the seconds after which it will be gone."""

    octets: bytes
    seconds_left: float


@dataclass(frozen=True)
class Bucket:
    """A budget that all processes spend together, as a token bucket in the store.

    It holds up to `burst` requests and gets `per_second` more; one that is new holds `at_first`.
    Who spends from it, `process`, is counted as there for a while.
    """

    key: str
    process: str
    burst: float
    per_second: float
    at_first: float


@dataclass(frozen=True)
class Taken:
    """Seconds until what was asked for can be had, 0 where it was, and how many processes ask."""

    wait: float
    processes: int


class Store(Protocol):
    """Bytes below keys, each with an end. May be used by any thread; raises StoreDown alone.

    All keys are without FORMAT in front. Seconds are counted by the store, so that no two clocks
    need to agree.
    """

    def check(self) -> None:
        """Do each of the things below once, with keys of its own."""

    def get(self, key: str) -> Value | None:
        """What stands there; None where nothing does, or something too long."""

    def put(self, key: str, octets: bytes, seconds: float) -> None:
        """Let it stand there for so long."""

    def lock(self, key: str, holder: str, seconds: float) -> bool:
        """Whether `holder` has the key to itself now, for so long at most; False: another has."""

    def unlock(self, key: str, holder: str) -> None:
        """Give the key back, if `holder` still has it."""

    def take(self, bucket: Bucket, requests: int, keep: int) -> Taken:
        """Spend so many requests, or none, if `keep` are left after it."""
