"""Limit login attempts, per address and overall: delays first, then a temporary lockout."""

import hashlib
import hmac
import ipaddress
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_LOGGER = logging.getLogger(__name__)
_LONGEST_DELAY = 30.0
_IPV6_SITE = 64
"""Bits of an IPv6 address that identify its network; hosts choose the rest freely."""


@dataclass(frozen=True)
class Limits:
    """After `free` wrong passwords each attempt is delayed, from 1 s doubling to 30 s.

    After `most` wrong passwords, logins are locked for `lock` seconds. Failures expire the same
    number of seconds after the last one.
    """

    free: int
    most: int
    lock: float


# Values follow the OWASP Authentication Cheat Sheet (login throttling) and NIST SP 800-63B, 5.2.2,
# which allows 100 consecutive failures.
PER_ADDRESS = Limits(free=3, most=10, lock=900.0)
OVERALL = Limits(free=30, most=100, lock=300.0)


@dataclass(frozen=True)
class AttemptResult:
    """The result of an attempt: `wait` is the seconds until the next one is allowed.

    If `is_checked` is false, the password was not checked.
    """

    is_right: bool
    is_checked: bool
    wait: float = 0.0


class _Failures:
    """The wrong passwords of one address, or of all."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._count = 0
        self._last = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next attempt is allowed; 0 for now."""
        if self.is_over(now) or self._count < self._limits.free:
            return 0.0
        delay = min(2.0 ** (self._count - self._limits.free), _LONGEST_DELAY)
        if self.is_locked:
            delay = self._limits.lock
        return max(0.0, self._last + delay - now)

    def add(self, now: float) -> None:
        if self.is_over(now):
            self._count = 0
        self._count += 1
        self._last = now

    def is_over(self, now: float) -> bool:
        return now - self._last >= self._limits.lock

    @property
    def is_locked(self) -> bool:
        return self._count >= self._limits.most


class LoginThrottle:
    """Counter of wrong passwords for all sessions of the process. Thread-safe.

    `now` counts seconds; log messages begin with `subject`. Addresses with failures are kept until
    the failures expire. After 100 such addresses everyone has to wait, so memory use is bounded.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, subject: str = "The login"
    ) -> None:
        self._subject = subject
        self._now = now
        self._lock = threading.Lock()
        self._overall = _Failures(OVERALL)
        self._by_address: dict[str, _Failures] = {}

    def check(self, address: str | None, is_right: Callable[[], bool]) -> AttemptResult:
        """Check a password from `address` (None for this machine), if an attempt is allowed now.

        Attempts are checked one at a time, so concurrent ones cannot bypass the delay.
        """
        source = _source(address)
        with self._lock:
            now = self._now()
            own = self._by_address.get(source) or _Failures(PER_ADDRESS)
            wait = self._wait(own, now)
            if wait > 0:
                return AttemptResult(is_right=False, is_checked=False, wait=wait)
            if is_right():
                self._by_address.pop(source, None)
                return AttemptResult(is_right=True, is_checked=True)
            self._forget(now)
            self._by_address[source] = own
            own.add(now)
            self._overall.add(now)
            self._tell(source, own)
            return AttemptResult(is_right=False, is_checked=True, wait=self._wait(own, now))

    def _wait(self, own: _Failures, now: float) -> float:
        return max(own.wait(now), self._overall.wait(now))

    def _forget(self, now: float) -> None:
        over = [source for source, one in self._by_address.items() if one.is_over(now)]
        for source in over:
            del self._by_address[source]

    def _tell(self, source: str, own: _Failures) -> None:
        if own.is_locked:
            _LOGGER.warning(
                "%s is locked for %s for %.0f min after %d wrong attempts.",
                self._subject,
                source,
                PER_ADDRESS.lock / 60,
                PER_ADDRESS.most,
            )
        if self._overall.is_locked:
            _LOGGER.warning(
                "%s is locked for everyone for %.0f min after %d wrong attempts. Existing sessions "
                "continue.",
                self._subject,
                OVERALL.lock / 60,
                OVERALL.most,
            )


def is_same_secret(entered: str, expected: str) -> bool:
    """Whether both are the same. The time this takes reveals neither the text nor its length."""
    return hmac.compare_digest(_digest(entered), _digest(expected))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _source(address: str | None) -> str:
    """Return the key to count by: one per IPv6 network, and one for all invalid addresses."""
    if address is None:
        return "this machine"
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "an unknown address"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, _IPV6_SITE), strict=False))
    return str(ip)
