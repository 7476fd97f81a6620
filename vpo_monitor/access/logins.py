"""Who is in: the tokens that browsers hold, and those that are good no more."""

import hashlib
import secrets
import threading
from collections import OrderedDict

MOST_LOGINS = 10_000
"""Those used least recently go first: a browser that was closed does not say so."""


class Logins:
    """Tokens of browsers, kept as digests only; for all sessions of the process and any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in = _Recent()
        self._out = _Recent()

    def let_in(self) -> str:
        """A new token, by which its holder is in from now on."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._in.add(digest(token))
        return token

    def is_in(self, token: str) -> bool:
        """Whether the token was given here and has not been put out."""
        known = digest(token)
        with self._lock:
            return self._in.touch(known)

    def put_out(self, token: str) -> None:
        """End what the token allows, in every tab and for every copy of it.

        It may be one that another program gave: `is_out` tells of it afterwards.
        """
        known = digest(token)
        with self._lock:
            self._in.discard(known)
            self._out.add(known)

    def is_out(self, token: str) -> bool:
        """Whether the token has been put out here."""
        known = digest(token)
        with self._lock:
            return self._out.touch(known)


class _Recent:
    """The MOST_LOGINS digests that were used last."""

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def add(self, digest: bytes) -> None:
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        if len(self._digests) > MOST_LOGINS:
            self._digests.popitem(last=False)

    def touch(self, digest: bytes) -> bool:
        if digest not in self._digests:
            return False
        self._digests.move_to_end(digest)
        return True

    def discard(self, digest: bytes) -> None:
        self._digests.pop(digest, None)


def digest(text: str) -> bytes:
    """What is kept of a secret and compared: it tells neither the text nor its length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
