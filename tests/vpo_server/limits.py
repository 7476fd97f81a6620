import base64
import binascii
import hmac
import math
from collections import deque
from collections.abc import Callable


def token_matches(authorization: str | None, token: str) -> bool:
    """Tell whether an Authorization header is HTTP Basic, any user, with the token as password.

    The comparison takes the same time however much of the token is right.
    """
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        credentials = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    _, _, password = credentials.partition(b":")
    return hmac.compare_digest(password, token.encode())


class RateWindow:
    """Lets through `limit` requests in any `seconds` of each client; refused ones do not count.

    `clock` gives seconds that never go back.
    """

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._passed: dict[str, deque[float]] = {}

    def wait_for(self, client: str) -> int:
        """Count a request and return 0, or refuse it: whole seconds until one is let through."""
        now = self._clock()
        passed = self._passed.setdefault(client, deque())
        while passed and passed[0] <= now - self._seconds:
            passed.popleft()
        if len(passed) < self._limit:
            passed.append(now)
            return 0
        return max(1, math.ceil(passed[0] + self._seconds - now))
